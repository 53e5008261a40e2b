"""A Dask cluster of its own for the tests: scheduler and workers as programs, with certificates, on 127.0.0.1."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme
import yaml

from tests.waiting import HANGS, until


@dataclass(kw_only=True)
class RunningCluster:
    """Programs at work. `environment` leads a client to the certificates; `folder` has the programs' logs."""

    folder: Path
    environment: dict[str, str]
    address: str
    started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def logs(self) -> str:
        """Return everything that the programs have written."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def start(self, name: str, *command: str | Path, **environment: str) -> None:
        """Start a program; its messages go to a file of its name."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.started[name] = subprocess.Popen(
                [sys.executable, "-m", *map(str, command)],
                env=self.environment | environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self, name: str, **environment: str) -> None:
        """Start a worker of one process and one thread, under a nanny that replaces it."""
        options = ("--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--name", name)
        self.start(name, "distributed.cli.dask_worker", self.address, "--protocol", "tls", *options, **environment)

    def stop(self, name: str) -> None:
        """End a program, politely."""
        program = self.started.pop(name)
        program.terminate()
        try:
            program.wait(HANGS)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def stop_all(self) -> None:
        """End every program, the last one first."""
        for name in list(self.started)[::-1]:
            self.stop(name)

    def wait_for_log(self, name: str, words: str) -> None:
        """Wait until a program has written these words."""
        log = self.folder / f"{name}.log"
        until(lambda: words in log.read_text(errors="replace"), self.logs)


def certificates(folder: Path) -> dict[str, str]:
    """Make an authority and one certificate of it for all; return their files."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    return {name: str(folder / f"{name}.pem") for name in ("authority", "certificate", "key")}


def configured(folder: Path) -> dict[str, str]:
    """Write Dask's configuration as docs/how-to/cluster.md tells; return the environment that leads to it."""
    files = certificates(folder)
    pair = {"cert": files["certificate"], "key": files["key"]}
    tls = {"ca-file": files["authority"], "scheduler": pair, "worker": pair, "client": pair}
    settings = {
        "temporary-directory": str(folder / "scratch"),
        "distributed": {
            "comm": {"require-encryption": True, "tls": tls},
            "worker": {"memory": {"target": False, "spill": False}},
            "logging": {"distributed": "debug"},
        },
    }
    (folder / "scratch").mkdir()
    (folder / "dask.yaml").write_text(yaml.safe_dump(settings))
    return {
        **os.environ,
        "DASK_CONFIG": str(folder / "dask.yaml"),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


@contextmanager
def running_cluster(folder: Path, workers: int = 1) -> Iterator[RunningCluster]:
    """Run a scheduler and its workers; end them all."""
    environment = configured(folder)
    found = RunningCluster(folder=folder, environment=environment, address="")
    with ExitStack() as ending:
        ending.callback(found.stop_all)
        place = folder / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--protocol", "tls", "--dashboard-address", "127.0.0.1:0")
        found.start("scheduler", "distributed.cli.dask_scheduler", *options, "--scheduler-file", place)
        until(lambda: place.exists() and place.read_text().endswith("}"), found.logs)
        found.address = json.loads(place.read_text())["address"]
        for number in range(workers):
            found.start_worker(f"worker-{number}")
        yield found
