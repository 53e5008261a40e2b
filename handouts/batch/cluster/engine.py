"""Tasks -> their sheets in the same order, made by the workers of a Dask cluster, of which any may die."""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from handouts.batch.cluster.clinic_package import pack
from handouts.batch.processes import failed
from handouts.codes import Code
from handouts.crew import Ended
from handouts.errors import InputError, Kind, Problem
from handouts.limits import SECONDS
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.batch.cluster.session import Sent, Session
    from handouts.batch.cluster.worker import Fault

LOCAL = "local"
OPTION = "--cluster"
CHUNK = 10
"""Tasks sent together: a few seconds of work, of which Dask's overhead for a chunk is less than 1 %."""
PATIENCE = 30.0
"""Seconds to wait for a scheduler to answer, and for a cluster without workers to get one."""
_AHEAD = 2
"""Chunks that wait for each worker, at most: enough to keep it busy, few enough to keep in memory."""
_PACKAGES = ("distributed", "cryptography")
_SCHEMES = ("tls", "tcp")


class ClusterFault(RuntimeError):
    """A fault of our own program on a worker; it says where, and nothing of what it was working on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """Makes sheets on the cluster at `address`: `local`, or that of a scheduler as `cluster_address` allows it.

    `local` starts one of `workers` processes that listens on the loopback interface only and takes none but its own,
    known by a certificate. Workers make PDFs and return them; nothing of a patient is written there.
    """

    resources: Resources
    address: str
    workers: int
    seconds: float = SECONDS
    patience: float = PATIENCE
    chunk: int = CHUNK

    def run(
        self,
        tasks: Iterable[Task],
        place: Path | None = None,  # noqa: ARG002 - the Engine protocol's; it is on this machine
    ) -> Generator[Sheet | Failed]:
        """Yield what became of each task, in their order; no more than a few chunks are held at any time.

        Their bytes come in memory. Raises InputError where there is no such cluster, one of its machines would make
        other sheets than this one, or it is lost on the way; ClusterFault for a fault of our own.
        """
        from handouts.batch.cluster.session import session  # noqa: PLC0415 - the optional extra [cluster]

        assert self.resources.clinic, "a batch is a clinic's"
        package = pack(self.resources.clinic)
        local = self.address == LOCAL
        with session(
            self.address, self.workers, package, local=local, seconds=self.seconds, patience=self.patience
        ) as cluster:
            waiting: deque[Sent] = deque()
            for chunk in _chunks(tasks, self.chunk):
                waiting.append(cluster.send(chunk))
                if len(waiting) > max(1, cluster.workers()) * _AHEAD:
                    yield from _received(cluster, waiting)
            while waiting:
                yield from _received(cluster, waiting)


def cluster_address(text: str) -> str:
    """Return the address of a scheduler to which patients' data may go: tls://, or tcp:// on this machine itself.

    Raises InputError for another, and where the packages for a cluster are not installed.
    """
    problems = [] if text == LOCAL else [*_faults(text)]
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        problems.append(Problem.of(Kind.MACHINE, Code.CLUSTER_NOT_INSTALLED, OPTION, packages=", ".join(missing)))
    if problems:
        raise InputError(problems)
    return text


def _faults(text: str) -> Iterator[Problem]:
    try:
        parts = urlsplit(text)
        is_valid = (
            parts.scheme in _SCHEMES and parts.hostname and parts.port and text == f"{parts.scheme}://{parts.netloc}"
        )
    except ValueError:  # A port that is no number, a bracket left open
        is_valid = False
    if not is_valid:
        yield Problem.of(Kind.USAGE, Code.CLUSTER_ADDRESS, OPTION)
    elif parts.scheme == "tcp" and not _on_this_machine(parts.hostname or ""):
        yield Problem.of(Kind.USAGE, Code.CLUSTER_UNENCRYPTED, OPTION)


def _on_this_machine(host: str) -> bool:
    """Return whether a host is a loopback address (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3); a name could be anything."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _chunks(tasks: Iterable[Task], size: int) -> Iterator[tuple[Task, ...]]:
    rest = iter(tasks)
    while chunk := tuple(islice(rest, size)):
        yield chunk


def _received(cluster: Session, waiting: deque[Sent]) -> Iterator[Sheet | Failed]:
    """Yield what became of the first chunk that waits.

    Where it has taken its workers with it, its sheets are made one by one while nothing else is under way: Dask counts
    a worker's death against all that waited for it, and only a sheet that was alone with it is to blame.
    """
    sent = waiting.popleft()
    results = cluster.received(sent)
    if results is not None:
        yield from map(_unless_fault, results)
        return
    for other in waiting:
        cluster.wait_until_done(other)
    for task in sent.tasks:
        yield _alone(cluster, task)


def _alone(cluster: Session, task: Task) -> Sheet | Failed:
    results: Sequence[Sheet | Failed | Fault] | None = cluster.received(cluster.send((task,)))
    return failed(task, Ended.DIED) if results is None else _unless_fault(results[0])


def _unless_fault(result: Sheet | Failed | Fault) -> Sheet | Failed:
    if isinstance(result, Sheet | Failed):
        return result
    raise ClusterFault("\n".join((f"{result.error} on a worker:", *result.trace)))
