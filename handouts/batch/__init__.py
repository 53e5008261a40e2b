"""A table's rows -> a sheet each, made by many workers, delivered once, and kept in the ledger."""

from handouts.batch.cluster import Cluster, cluster_address
from handouts.batch.processes import Processes
from handouts.batch.running import Engine, Outcome, Progress, run

__all__ = ["Cluster", "Engine", "Outcome", "Processes", "Progress", "cluster_address", "run"]
