"""A table's rows -> a sheet each, made by many workers, delivered once, and kept in the ledger."""

from handouts.batch.cluster import Cluster, cluster_address
from handouts.batch.delivering import Delivering
from handouts.batch.opening import opened
from handouts.batch.planning import Checked, Planning, admitted
from handouts.batch.processes import Processes
from handouts.batch.running import Engine, Outcome, run

__all__ = [
    "Checked",
    "Cluster",
    "Delivering",
    "Engine",
    "Outcome",
    "Planning",
    "Processes",
    "admitted",
    "cluster_address",
    "opened",
    "run",
]
