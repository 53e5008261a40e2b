"""Tasks -> their sheets, made by the workers of a Dask cluster: an engine of a batch.

Dask, the optional extra [cluster], is imported only when a cluster is asked for.
"""

from handouts.batch.cluster.engine import Cluster, ClusterFault, cluster_address

__all__ = ["Cluster", "ClusterFault", "cluster_address"]
