"""People's wishes -> Job; Problems and receipts -> words."""
