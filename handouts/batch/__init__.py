"""A table's rows -> a sheet each, made by many workers, delivered once, and kept in the ledger."""

from handouts.batch.cluster import Cluster, cluster_address
from handouts.batch.entering import Entering
from handouts.batch.processes import Processes
from handouts.batch.row_jobs import job_of, of_row
from handouts.batch.running import BatchProgress, Engine, Outcome, run

__all__ = [
    "BatchProgress",
    "Cluster",
    "Engine",
    "Entering",
    "Outcome",
    "Processes",
    "cluster_address",
    "job_of",
    "of_row",
    "run",
]
