"""A cluster's address and a clinic's package -> a cluster that is known to make the same sheets as this machine."""

import logging
import ssl
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import dask
from distributed import CancelledError, Client, KilledWorker, LocalCluster, Security, wait

from handouts.batch.cluster.worker import SPILLS, ClinicAtHand, ClinicNotLoaded, Parcel, Result, described, make_chunk
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem
from handouts.fingerprints import code_fingerprint, differing, fingerprints
from handouts.records import Task

_TICK = 1.0
"""Seconds after which somebody who waits looks whether there is still something to wait for."""
_LOST = (CancelledError, OSError, TimeoutError)
"""What a client raises whose scheduler is gone; Dask's own CommClosedError is an OSError."""
_AT_HOME: Mapping[str, Any] = {
    "distributed.worker.memory.target": False,  # Nothing goes to the disk …
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,  # … and a worker that is full ends and begins anew.
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """Tasks and the place where their sheets will be."""

    tasks: tuple[Task, ...]
    parcel: Parcel
    future: Any


class Session:
    """A cluster at work for one batch."""

    def __init__(self, client: Any, source: str, plugin: ClinicAtHand, *, seconds: float, patience: float) -> None:
        self._client = client
        self._source = source
        self._plugin = plugin
        self._seconds = seconds
        self._patience = patience
        self._run = uuid.uuid4().hex
        self._count = 0
        self._last_seen = time.monotonic()

    def send(self, tasks: tuple[Task, ...]) -> Sent:
        """Give tasks to the cluster; they are under way when this returns."""
        return self._sent(Sent(tasks=tasks, parcel=Parcel.of(tasks), future=None))

    def received(self, sent: Sent) -> Sequence[Result] | None:
        """Wait and return a result for each task, or None where every worker that tried them has died."""
        while True:
            self.wait_until_done(sent)
            with self._lost_as_problem():
                try:
                    answer = sent.future.result(timeout=self._patience).opened()
                except KilledWorker:
                    return None
                except TimeoutError:
                    if self._client.status != "running":
                        raise
                    continue  # The worker that held it has died on the way: another makes it anew.
            if not isinstance(answer, ClinicNotLoaded):
                return tuple(answer)
            self.bring_clinic()  # Another batch of the same clinic has ended and taken it away.
            sent = self._sent(sent)

    def wait_until_done(self, sent: Sent) -> None:
        """Wait until tasks are done or have failed; raise InputError where the cluster is lost or empty."""
        while not sent.future.done():
            with self._lost_as_problem(), suppress(TimeoutError), self._client.as_current():
                wait([sent.future], timeout=_TICK)  # type: ignore[no-untyped-call]  # distributed
            self.workers()

    def workers(self) -> int:
        """Return how many workers there are; raise InputError where there have been none for too long."""
        with self._lost_as_problem():
            count = len(self._client.scheduler_info()["workers"])
        if count:
            self._last_seen = time.monotonic()
        elif time.monotonic() - self._last_seen > self._patience:
            is_there = self._client.status == "running"  # A scheduler that is gone has no workers either.
            code = Code.CLUSTER_WITHOUT_WORKERS if is_there else Code.CLUSTER_LOST
            raise InputError.of(Kind.MACHINE, code, self._source)
        return count

    def bring_clinic(self) -> None:
        """Bring the clinic's folder to every worker there is and will be."""
        with self._lost_as_problem():
            self._client.register_plugin(self._plugin, name=self._plugin.name)

    def end(self) -> None:
        """Take back what is under way, and the clinic's folder."""
        with suppress(*_LOST, ValueError):  # ValueError: another batch has taken it away.
            if self._client.status == "running":
                self._client.unregister_worker_plugin(self._plugin.name)

    def _sent(self, sent: Sent) -> Sent:
        self._count += 1
        with self._lost_as_problem():
            future = self._client.submit(
                make_chunk,
                self._plugin.name,
                sent.parcel,
                self._seconds,
                key=f"handouts-{self._run}-{self._count}",
                pure=False,
            )
        return replace(sent, future=future)

    @contextmanager
    def _lost_as_problem(self) -> Iterator[None]:
        """Raise InputError where the line to the scheduler breaks; a client without one raises this or that."""
        try:
            yield
        except Exception as error:
            if not isinstance(error, _LOST) and self._client.status == "running":
                raise
            raise InputError.of(Kind.MACHINE, Code.CLUSTER_LOST, self._source) from None


@contextmanager
def session(
    address: str, workers: int, package: bytes, *, local: bool, seconds: float, patience: float
) -> Iterator[Session]:
    """Yield the cluster at `address` when every machine of it is known to be like this one.

    `local`: it is started on this machine, with so many `workers`, and ended again; there is no address to go to.

    Raises InputError with every Problem of every machine.
    """
    source = "the cluster on this machine" if local else address
    expected = {**fingerprints(), SPILLS: "off"}
    plugin = ClinicAtHand(package, expected)
    with _quiet(), ExitStack() as open_things:
        if local:
            open_things.enter_context(dask.config.set(_AT_HOME))
            client = _client(open_things, open_things.enter_context(_local(workers)), None, patience)
        else:
            client = _client(open_things, address, _security(address), patience)
        _same(client, "" if local else address, source, expected, patience)
        found = Session(client, source, plugin, seconds=seconds, patience=patience)
        open_things.callback(found.end)
        found.bring_clinic()
        yield found


def _local(workers: int) -> Any:
    """Return a cluster on the loopback interface, with certificates that only it knows.

    A scheduler runs any program that is sent to it, and every user of a machine can reach its loopback addresses.
    """
    return LocalCluster(  # type: ignore[no-untyped-call]  # distributed
        host="127.0.0.1",
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        security=True,
        silence_logs=logging.CRITICAL,
        scheduler_kwargs={
            "allowed_failures": 0,  # Once in its chunk, once alone: TRIES of processes.py
            "dashboard": False,
            "dashboard_address": "127.0.0.1:0",  # None would be 127.0.0.1:8787, for two clusters the same
        },
    )


def _security(address: str) -> Any:
    """Return the certificates that Dask's configuration names; raise InputError where they cannot prove who is who."""
    security: Any = Security()  # type: ignore[no-untyped-call]  # distributed
    if not address.startswith("tls://"):
        return security
    named = {"ca-file": security.tls_ca_file, "client.cert": security.tls_client_cert}
    missing = [f"distributed.comm.tls.{key}" for key, value in named.items() if not value]
    reason = f"{', '.join(missing)} not set"
    if not missing:
        try:
            security.get_connection_args("client")
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or type(error).__name__
        else:
            return security
    raise InputError.of(Kind.MACHINE, Code.CLUSTER_CERTIFICATES, address, reason=reason)


def _client(open_things: ExitStack, address: Any, security: Any, patience: float) -> Any:
    """Connect; raise InputError where nobody answers, or somebody whom our certificates do not know."""
    try:
        return open_things.enter_context(
            Client(  # type: ignore[no-untyped-call]  # distributed
                address, security=security, timeout=patience, set_as_default=False, name="handouts"
            )
        )
    except (OSError, TimeoutError):
        raise InputError.of(Kind.MACHINE, Code.CLUSTER_UNREACHABLE, str(address)) from None


def _same(client: Any, address: str, source: str, expected: Mapping[str, str], patience: float) -> None:
    """Ask every machine what its sheets depend on; raise InputError with each that is not like this one."""
    try:
        client.wait_for_workers(1, timeout=patience)
        answers = {address: _asked_scheduler(client)} if address else {}
        found = client.run(described, on_error="return")
    except TimeoutError:
        raise InputError.of(Kind.MACHINE, Code.CLUSTER_WITHOUT_WORKERS, source) from None
    except OSError:
        raise InputError.of(Kind.MACHINE, Code.CLUSTER_LOST, source) from None
    problems = []
    for where, answer, wanted in (
        *((where, answer, code_fingerprint()) for where, answer in answers.items()),
        *((where, answer, expected) for where, answer in sorted(found.items())),
    ):
        if isinstance(answer, BaseException):
            problems.append(Problem.of(Kind.MACHINE, Code.CLUSTER_WITHOUT_HANDOUTS, where))
        elif names := differing(wanted, answer):
            problems.append(Problem.of(Kind.MACHINE, Code.CLUSTER_DIFFERS, where, parts=", ".join(names)))
    if problems:
        raise InputError(problems)


def _asked_scheduler(client: Any) -> Any:
    """Return the scheduler's own program, or what went wrong there: it must know what it passes on."""
    try:
        return client.run_on_scheduler(code_fingerprint)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a strange machine answers
        return error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own messages off the terminal: what matters of them is reported in our words."""
    loggers = [logging.getLogger(name) for name in ("distributed", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
