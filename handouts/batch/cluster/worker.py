"""A chunk of tasks -> their sheets' bytes, on a Dask worker that holds the clinic's folder and one warm press."""

import logging
import os
import pickle
import shutil
import tempfile
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from distributed import Reschedule, Worker, WorkerPlugin, get_worker
from distributed.spill import SpillBuffer

from handouts.batch.cluster.clinic_package import unpack
from handouts.batch.processes import Maker
from handouts.crew import HANGS
from handouts.fingerprints import differing, fingerprints
from handouts.records import Failed, Sheet, Task
from handouts.resources import Resources, digest

SPILLS = "distributed.worker.memory.target and spill"
"""Named among the parts where a worker would write what it holds, patients' sheets among it, to its disk."""

_log = logging.getLogger("distributed.handouts")


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something on its way to a worker or back. What it holds shows in no representation, and so in no log.

    It is packed: what Dask writes into its logs of a message that it cannot read is no text.
    """

    data: bytes

    @classmethod
    def of(cls, content: object) -> Self:
        """Return a parcel that holds `content`."""
        return cls(zlib.compress(pickle.dumps(content), level=1))

    def opened(self) -> Any:
        """Return what it holds; only the two ends of a cluster's encrypted connections exchange parcels."""
        return pickle.loads(zlib.decompress(self.data))  # noqa: S301 - Dask's own messages are pickles too

    def __repr__(self) -> str:
        return "Parcel"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A fault of our own program: its type and where it arose, without its words, which could name a patient."""

    error: str
    trace: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClinicNotLoaded:
    """What a worker answers that has not got the clinic's folder (any more)."""


Result = Sheet | Failed | Fault


class ClinicAtHand(WorkerPlugin):
    """Brings a clinic's folder to every worker, those that join later too, and takes it away with the worker.

    `expected` are the parts of the machine that began the batch. A worker that differs from it leaves the cluster with
    a line in its log: a sheet must not depend on which machine has made it.
    """

    is_ready = False
    """Whether `setup` has come to its end: Dask shows a plugin to its tasks before that."""

    def __init__(self, package: bytes, expected: Mapping[str, str]) -> None:
        self.name = f"handouts-{digest((package,))}"
        self._package = package
        self._expected = expected

    def setup(self, worker: Worker) -> None:
        """Unpack the folder into a private one of the worker's own; raise nothing for a worker that differs."""
        self._lock = threading.Lock()
        self._make: Maker | None = None
        self._is_over = False
        self.differs = differing(self._expected, described(worker))
        self._folder = Path(tempfile.mkdtemp(prefix="handouts-", dir=worker.local_directory))
        if self.differs:
            _log.error("This worker leaves: its %s differ from those of the batch", ", ".join(self.differs))
            worker.loop.add_callback(partial(worker.close, nanny=True, reason="differs from the batch"))
        else:
            unpack(self._package, self._folder)
        self.is_ready = True

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's signature
        """Take the folder away, at the latest when the sheets are made that another batch has under way."""
        self._is_over = True
        if self._lock.acquire(blocking=False):
            self._lock.release()
            self._clear()

    def make(self, tasks: Iterable[Task], seconds: float) -> list[Result] | None:
        """Make the sheets one by one, or return None where the folder has been taken away.

        One that takes more than `seconds` of a processor ends the worker.
        """
        try:
            with self._lock:  # One press, one sheet at a time: a worker of several threads makes no more than one.
                if self._is_over:
                    return None
                if self._make is None:
                    self._make = Maker(Resources(clinic=self._folder))
                results, portion = [], [*tasks]
                if len(portion) > 1:
                    with _watched(seconds, self._end), suppress(Exception):  # What fails is told where it fails alone.
                        self._make.ahead(portion)
                for task in portion:
                    with _watched(seconds, self._end):
                        results.append(_result(self._make, task))
                return results
        finally:
            if self._is_over:
                self._clear()

    def _clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        self._clear()
        _log.error("A sheet took too long: this worker ends")
        os._exit(1)


def described(dask_worker: Worker) -> dict[str, str]:
    """Return the parts of a worker's machine, and whether it may write what it holds to its disk."""
    return {**fingerprints(), SPILLS: "on" if isinstance(dask_worker.data, SpillBuffer) else "off"}


def make_chunk(name: str, parcel: Parcel, seconds: float) -> Parcel:
    """Return a parcel of a Result for each task of a parcel, or of ClinicNotLoaded.

    What it raises never names a patient.
    """
    worker = get_worker()
    plugin = worker.plugins.get(name)
    if not isinstance(plugin, ClinicAtHand) or not plugin.is_ready:
        return Parcel.of(ClinicNotLoaded())
    if plugin.differs:
        raise Reschedule
    made = plugin.make(parcel.opened(), seconds)
    return Parcel.of(ClinicNotLoaded() if made is None else made)


def _result(make: Maker, task: Task) -> Result:
    try:
        return make(task)
    except Exception as error:  # noqa: BLE001 - Dask would log its words, and they may be a patient's
        frames = traceback.extract_tb(error.__traceback__)
        trace = tuple(f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames)
        return Fault(error=type(error).__name__, trace=trace)


@contextmanager
def _watched(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    """End the process if what this thread does inside takes so many seconds of a processor, or hangs.

    A thread cannot be stopped in any other way.
    """
    clock = time.pthread_getcpuclockid(threading.get_ident())
    enough, hangs = time.clock_gettime(clock) + seconds, time.monotonic() + HANGS
    done = threading.Event()

    def watch() -> None:
        while (left := min(enough - time.clock_gettime(clock), hangs - time.monotonic())) > 0:
            if done.wait(left):
                return
        end()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
