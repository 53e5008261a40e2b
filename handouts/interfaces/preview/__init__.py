"""A clinic's folder -> a local page that shows its sheets, and shows them anew whenever one of its files is saved."""
