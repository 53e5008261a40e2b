"""Made-up patients -> one table: what a sheet costs by each way of making it, side by side in one run."""
