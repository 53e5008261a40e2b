"""Sheets made on a cluster: the same bytes, each once, whoever dies; and nothing of a patient anywhere but in them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import dask
import distributed  # noqa: F401 - it brings the settings that tests change
import psutil
import pytest
import yaml
from distributed import Worker

from handouts.batch import Cluster, cluster_address
from handouts.batch.cluster import ClusterFault
from handouts.batch.cluster.clinic_package import pack, unpack
from handouts.batch.cluster.session import Session, session
from handouts.batch.cluster.worker import ClinicAtHand, ClinicNotLoaded, Parcel, described, make_chunk
from handouts.batch.processes import Maker
from handouts.errors import InputError
from handouts.records import Detail, Failed, Job, Sheet, Task
from handouts.resources import SHELVES, Resources
from tests.clusters import RunningCluster, certificates, running_cluster
from tests.conftest import CHECKOUT, EXAMPLE_CLINIC, NOW, Ran, job, numbers, task
from tests.tables import NAMES, row, write_table
from tests.waiting import HANGS, until

OPTIONS = ("--clinic", EXAMPLE_CLINIC, "--document", "microneedling-aftercare")
CODE = "microneedling-aftercare"


def spoken(number: int) -> Task:
    """Return a task in one of three languages."""
    return task(number, job(CODE, LANGUAGES[number % 3], patient_name=f"Ana Example {number}"))


def batch(table: Path, *options: str | Path) -> list[str]:
    return [*map(str, (sys.executable, CHECKOUT / "generate.py", "batch", table, *OPTIONS, *options))]


def environment(**changed: str) -> dict[str, str]:
    return {**os.environ, "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), **changed}


def ran(table: Path, *options: str | Path, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        batch(table, *options), env=environment(**changed), capture_output=True, text=True, check=False, timeout=HANGS
    )


def workers_of(parent: int) -> list[psutil.Process]:
    """Return the worker processes of a local cluster's parent."""
    found = psutil.Process(parent).children(recursive=True)
    return [process for process in found if any("spawn_main" in word for word in process.cmdline())]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


# --- what travels ----------------------------------------------------------------------------------------------------


def test_a_clinics_folder_arrives_as_it_is_and_nothing_else_of_it(clinic: Path, tmp_path: Path) -> None:
    (clinic / "library").mkdir(exist_ok=True)
    (clinic / "library" / "own.md").write_text("An own document")
    (clinic / "templates" / "handout").mkdir(parents=True)
    (clinic / "templates" / "handout" / "picture.png").write_bytes(b"\x89PNG")
    (clinic / "templates" / "same.html").symlink_to(clinic / "library" / "own.md")
    for private in ("ledger.jsonl", "ledger.key", "out.pdf", "treatments.csv", "library/sheet.PDF", "library/a.key"):
        (clinic / private).write_text("Ana Example")
    (clinic / "out").mkdir()
    (clinic / "out" / "sheet.pdf").write_text("Ana Example")
    (clinic / "library" / ".git").mkdir()
    (clinic / "library" / ".git" / "config").write_text("Ana Example")
    package = pack(clinic)
    assert package == pack(clinic)
    unpack(package, tmp_path / "there")
    names = {
        path.relative_to(tmp_path / "there").as_posix() for path in (tmp_path / "there").rglob("*") if path.is_file()
    }
    assert names >= {
        "clinic.toml",
        "logo.svg",
        "library/own.md",
        "templates/handout/picture.png",
        "templates/same.html",
    }
    for path in names:
        assert (tmp_path / "there" / path).read_bytes() == (clinic / path).read_bytes()
        assert b"Ana Example" not in (tmp_path / "there" / path).read_bytes()


def outside(clinic: Path) -> None:
    (clinic / "templates").mkdir()
    (clinic / "templates" / "sheet.html").symlink_to("/etc/hostname")


def shelf_outside(clinic: Path) -> None:
    (clinic / "templates").symlink_to("/etc")


def pipe(clinic: Path) -> None:
    (clinic / "templates").mkdir()
    os.mkfifo(clinic / "templates" / "sheet.html")


def nowhere(clinic: Path) -> None:
    (clinic / "templates").mkdir()
    (clinic / "templates" / "sheet.html").symlink_to("gone.html")


def endless(clinic: Path) -> None:
    (clinic / "templates").mkdir()
    (clinic / "templates" / "again").symlink_to(".")


def large(clinic: Path) -> None:
    (clinic / "templates").mkdir()
    for number in range(6):
        (clinic / "templates" / f"{number}.png").write_bytes(b"0" * 4_000_000)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (outside, "leads-outside"),
        (shelf_outside, "leads-outside"),
        (pipe, "not-a-file"),
        (nowhere, "not-a-file"),
        (endless, "not-a-file"),
        (large, "clinic-too-large"),
    ],
)
def test_what_a_worker_would_see_otherwise_is_refused(clinic: Path, fault: Callable[[Path], None], code: str) -> None:
    fault(clinic)
    with pytest.raises(InputError) as error:
        pack(clinic)
    assert codes(error) == [code]


def test_what_is_left_out_never_lets_a_shipped_file_take_its_place(tmp_path: Path) -> None:
    shipped = tmp_path / "clinic"
    shipped.mkdir()
    (shipped / "clinic.toml").write_bytes((EXAMPLE_CLINIC / "clinic.toml").read_bytes())
    for shelf in ("library", "templates", "locales"):
        for path in (path for path in SHELVES[shelf].rglob("*") if path.is_file()):
            name = Path(shelf) / path.relative_to(SHELVES[shelf])
            (shipped / name).parent.mkdir(parents=True, exist_ok=True)
            (shipped / name).write_text(".")
    unpack(pack(shipped), tmp_path / "there")
    assert files(tmp_path / "there") >= files(shipped) - {"clinic.toml"}


# --- where it may go -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["local", "tls://cluster.example.org:8786", "tcp://127.0.0.1:8786", "tcp://127.9.9.9:1", "tcp://[::1]:8786"],
)
def test_an_address_to_which_names_may_travel(address: str) -> None:
    assert cluster_address(address) == address


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("tcp://192.0.2.7:8786", "cluster-unencrypted"),
        ("tcp://cluster.example.org:8786", "cluster-unencrypted"),
        ("tcp://127.0.0.1.example.org:8786", "cluster-unencrypted"),
        ("tcp://0.0.0.0:8786", "cluster-unencrypted"),
        ("192.0.2.7:8786", "cluster-address"),
        ("cluster.example.org", "cluster-address"),
        ("ws://127.0.0.1:8786", "cluster-address"),
        ("tls://cluster.example.org", "cluster-address"),
        ("tls://cluster.example.org:high", "cluster-address"),
        ("tls://cluster.example.org:99999", "cluster-address"),
        ("tls://cluster.example.org:8786/path", "cluster-address"),
        ("tls://[::1:8786", "cluster-address"),
        ("", "cluster-address"),
    ],
)
def test_any_other_address_is_refused(address: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        cluster_address(address)
    assert codes(error) == [code]


def test_the_command_says_why_it_does_not_send_names_there(command: Callable[..., Ran], tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    refused = command("batch", table, *OPTIONS, "--to", tmp_path / "out", "--cluster", "tcp://192.0.2.7:8786")
    assert refused.code == 2
    assert "unencrypted" in refused.err
    assert not list((tmp_path / "out").glob("*.pdf"))


def test_a_missing_package_is_named_with_what_installs_it(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    program = (
        "import sys; sys.modules['distributed'] = None; sys.argv = sys.argv[1:];"
        "from handouts.interfaces.command import main; main()"
    )
    words = ("handouts", "batch", table, *OPTIONS, "--to", tmp_path / "out", "--cluster", "local")
    refused = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        cwd=CHECKOUT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 11, refused.stderr
    assert "pip install handouts[cluster]" in refused.stderr


def test_nobody_answers() -> None:
    engine = Cluster(resources=Resources(clinic=EXAMPLE_CLINIC), address="tcp://127.0.0.1:9", workers=1, patience=1)
    with pytest.raises(InputError) as error:
        list(engine.run([task(1)]))
    assert codes(error) == ["cluster-unreachable"]


def test_certificates_are_asked_for() -> None:
    engine = Cluster(resources=Resources(clinic=EXAMPLE_CLINIC), address="tls://127.0.0.1:9", workers=1, patience=1)
    with pytest.raises(InputError) as error:
        list(engine.run([task(1)]))
    assert codes(error) == ["cluster-certificates"]
    assert "distributed.comm.tls.ca-file" in error.value.problems[0].values["reason"]


# --- a cluster on this machine ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a run of `--cluster local` came to, and what was seen of its workers in the middle."""

    results: list[Sheet | Failed]
    listening: set[str]
    modes: set[int]
    held: bytes
    left: set[str]


LANGUAGES = ("en", "es", "ar")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    scratch = tmp_path_factory.mktemp("scratch")
    engine = Cluster(resources=Resources(clinic=EXAMPLE_CLINIC), address="local", patience=HANGS, workers=2, chunk=3)
    results: list[Sheet | Failed] = []
    listening: set[str] = set()
    modes: set[int] = set()
    held = b""
    with dask.config.set({"temporary-directory": str(scratch)}):
        for result in engine.run(spoken(number) for number in range(1, 10)):
            results.append(result)
            if len(results) == 4:
                me = psutil.Process()
                for process in (me, *me.children(recursive=True)):
                    found = process.net_connections(kind="inet")
                    listening |= {place.laddr.ip for place in found if place.status == psutil.CONN_LISTEN}
                modes = {path.stat().st_mode & 0o777 for path in scratch.rglob("handouts-*")}
                held = b"".join(path.read_bytes() for path in scratch.rglob("*") if path.is_file())
    left = {name for name in files(scratch) if not name.endswith("lock")}
    return Seen(results=results, listening=listening, modes=modes, held=held, left=left)


def test_a_cluster_makes_the_same_bytes_in_the_same_order(seen: Seen) -> None:
    make = Maker(Resources(clinic=EXAMPLE_CLINIC))
    assert seen.results == [make(spoken(number)) for number in range(1, 10)]


def test_a_local_cluster_listens_to_this_machine_only(seen: Seen) -> None:
    assert seen.listening == {"127.0.0.1"}


def test_workers_hold_the_clinic_in_private_and_no_patient(seen: Seen) -> None:
    assert seen.modes == {0o700}
    assert b"Lumen" in seen.held
    assert b"Ana Example" not in seen.held
    assert seen.left == set()


def test_a_worker_that_dies_while_its_sheets_are_fetched_is_no_lost_cluster() -> None:
    chunks = [tuple(map(spoken, range(first, first + 3))) for first in (1, 4)]
    with session("local", 2, pack(EXAMPLE_CLINIC), local=True, seconds=HANGS, patience=HANGS) as cluster:
        hasty = Session(cluster._client, "", cluster._plugin, seconds=HANGS, patience=0.2)  # noqa: SLF001 - a running cluster, with another patience
        sent = [hasty.send(chunk) for chunk in chunks]
        for chunk in sent:
            hasty.wait_until_done(chunk)
        victim = workers_of(os.getpid())[0]
        victim.suspend()
        threading.Timer(0.1, victim.kill).start()
        received = [hasty.received(chunk) for chunk in sent]
    assert [numbers(cast("tuple[Sheet | Failed, ...]", results)) for results in received] == [[1, 2, 3], [4, 5, 6]]


class Deadly:
    """Ends the process that opens the parcel it is in."""

    def __reduce__(self) -> tuple[Callable[[int], None], tuple[int]]:
        return os._exit, (1,)


class Puzzling(datetime):
    """Makes our own program fail with a patient's name in the error's words."""

    def date(self) -> date:
        raise KeyError("Ana Example")


def with_detail(found: Task, value: object) -> Task:
    extra = Detail(path="note", value=value, source="a test")
    wish = found.opened().job
    return with_job(found, replace(wish, details=(*wish.details, extra)))


def with_job(found: Task, wish: Job) -> Task:
    return Task.of(replace(found.opened(), job=wish), found.line)


def test_only_the_sheet_that_ends_its_workers_is_not_made() -> None:
    tasks = [task(number) for number in range(1, 9)]
    tasks[2] = with_detail(tasks[2], Deadly())
    engine = Cluster(resources=Resources(clinic=EXAMPLE_CLINIC), address="local", patience=HANGS, workers=2, chunk=4)
    results = list(engine.run(tasks))
    assert numbers(results) == [1, 2, -1, 4, 5, 6, 7, 8]
    assert isinstance(results[2], Failed)
    (problem,) = results[2].problems
    assert (problem.code, problem.line) == ("worker-died", 3)


def test_a_sheet_that_never_ends_is_told(clinic: Path) -> None:
    template = clinic / "templates" / "handout" / "sheet.html"
    template.parent.mkdir(parents=True)
    template.write_text("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")
    engine = Cluster(resources=Resources(clinic=clinic), address="local", patience=HANGS, workers=1, seconds=3)
    (result,) = engine.run([task(1)])
    assert isinstance(result, Failed)
    assert [problem.code for problem in result.problems] == ["worker-died"]


def test_a_killed_worker_and_a_killed_parent_lose_nothing_and_make_nothing_twice(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(number) for number in range(40)])
    out = tmp_path / "out"
    words = (table, "--to", out, "--cluster", "local", "--workers", "2")
    everybody: list[psutil.Process] = []
    said = tmp_path / "said.txt"
    with said.open("w") as errors, subprocess.Popen(batch(*words), env=environment(), stderr=errors) as running:
        try:
            wait_for_sheets(out, 1, running)
            victim = workers_of(running.pid)[0]
            victim.kill()
            wait_for_sheets(out, 25, running, said)
            everybody = psutil.Process(running.pid).children(recursive=True)
        finally:
            running.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(everybody, timeout=HANGS)
    assert alive == [], "a worker outlives the batch"
    again = ran(*words, "--resume", "--json")
    assert again.returncode == 0, again.stderr
    answer = json.loads(again.stdout)
    assert (answer["made"] + answer["made_before"], answer["ledger_entries"]) == (40, 40)
    assert len(list(out.glob("*.pdf"))) == 40
    rows = [json.loads(line).get("row") for line in (out / "ledger.jsonl").read_text().splitlines()]
    assert len({row for row in rows if row}) == 40
    verify = [sys.executable, CHECKOUT / "generate.py", "ledger", "verify", out / "ledger.jsonl"]
    assert subprocess.run([*map(str, verify)], check=False, capture_output=True).returncode == 0


def wait_for_sheets(out: Path, count: int, running: subprocess.Popen[bytes], said: Path | None = None) -> None:
    until(lambda: len(list(out.glob("*.pdf"))) >= count or running.poll() is not None, f"{count} sheets")
    assert running.poll() is None, said.read_text() if said else "it ended before it could be killed"


# --- a cluster of other machines -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as found:
        yield found


def on(cluster: RunningCluster, table: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    return ran(table, *options, "--cluster", cluster.address, DASK_CONFIG=cluster.environment["DASK_CONFIG"])


def test_sheets_come_from_elsewhere_by_tls(elsewhere: RunningCluster, tmp_path: Path) -> None:
    assert elsewhere.address.startswith("tls://127.0.0.1:")
    table = write_table(tmp_path / "treatments.csv", [row(number) for number in range(6)])
    made = on(elsewhere, table, "--to", tmp_path / "there")
    assert made.returncode == 0, made.stderr + elsewhere.logs()
    here = ran(table, "--to", tmp_path / "here", "--workers", "1", "--pattern", "{line}")
    assert here.returncode == 0
    there = {path.read_bytes() for path in (tmp_path / "there").glob("*.pdf")}
    assert there == {path.read_bytes() for path in (tmp_path / "here").glob("*.pdf")}
    assert not list(elsewhere.folder.rglob("handouts-*")), "the clinic's folder stays after the batch"


def test_no_log_of_the_cluster_names_a_patient(elsewhere: RunningCluster, tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(number) for number in range(6)])
    on(elsewhere, table, "--to", tmp_path / "out")
    logs = elsewhere.logs()
    assert "handouts-" in logs, "nothing has been logged of the work"
    for number in range(6):
        for value in (*row(number)[:2], NAMES[number % len(NAMES)], f"patient{number}", "1987-05-14"):
            assert value not in logs


def test_a_cluster_that_cannot_be_used_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(0)])
    (tmp_path / "cluster").mkdir()
    with running_cluster(tmp_path / "cluster", workers=0) as cluster:
        assert refused_at(cluster, patience=15) == ["cluster-without-workers"]
        (tmp_path / "stranger").mkdir()
        assert refused_at(cluster, patience=3, **certificates(tmp_path / "stranger")) == ["cluster-unreachable"]
        cluster.start_worker("other", PYTHONPATH=str(another_installation(tmp_path)))
        cluster.start_worker("writer", DASK_DISTRIBUTED__WORKER__MEMORY__SPILL="0.7")
        for name in ("other", "writer"):
            cluster.wait_for_log(name, "Registered to")
        refused = on(cluster, table, "--to", tmp_path / "out", "--json")
        assert refused.returncode == 11, refused.stderr
        problems = json.loads(refused.stdout)["problems"]
        assert {problem["code"] for problem in problems} == {"cluster-differs"}
        assert all(problem["source"].startswith("tls://127.0.0.1:") for problem in problems)
        told = sorted(problem["what"].rpartition(": ")[2] for problem in problems)
        assert told == ["distributed.worker.memory.target and spill.", "templates."]
        assert not list((tmp_path / "out").glob("*.pdf"))


def refused_at(cluster: RunningCluster, *, patience: float, **others: str) -> list[str]:
    """Return the problems of a batch of one sheet, with the cluster's own certificates or `others`."""
    engine = Cluster(resources=Resources(clinic=EXAMPLE_CLINIC), address=cluster.address, workers=1, patience=patience)
    with configured_for(cluster, **others), pytest.raises(InputError) as error:
        list(engine.run([task(1)]))
    return codes(error)


@contextmanager
def configured_for(cluster: RunningCluster, **others: str) -> Iterator[None]:
    """Lead clients in this process to the cluster's own certificates, or to `others`."""
    settings = yaml.safe_load(Path(cluster.environment["DASK_CONFIG"]).read_text())
    if others:
        pair = {"cert": others["certificate"], "key": others["key"]}
        settings["distributed"]["comm"]["tls"] |= {"ca-file": others["authority"], "client": pair}
    with dask.config.set(dask.config.merge(dask.config.config, settings)):
        yield


def another_installation(folder: Path) -> Path:
    """Return a folder with another version of handouts: one of its templates is not the same."""
    other = folder / "other"
    for name in ("handouts", "templates", "locales", "examples"):
        shutil.copytree(CHECKOUT / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "templates" / "handout" / "sheet.html").open("a") as template:
        template.write("{# changed #}")
    return other


def test_a_worker_that_comes_later_must_be_the_same_and_a_lost_scheduler_is_told(tmp_path: Path) -> None:
    table = write_table(tmp_path / "treatments.csv", [row(number) for number in range(60)])
    out = tmp_path / "out"
    (tmp_path / "cluster").mkdir()
    with running_cluster(tmp_path / "cluster") as cluster:
        words = batch(table, "--to", out, "--cluster", cluster.address)
        led = environment(DASK_CONFIG=cluster.environment["DASK_CONFIG"])
        with subprocess.Popen(words, env=led, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
            wait_for_sheets(out, 1, running)
            cluster.start_worker("other", PYTHONPATH=str(another_installation(tmp_path)))
            cluster.wait_for_log("other", "This worker leaves: its templates differ")
            assert cluster.started["other"].wait(HANGS) == 0, "it has not left"
            before = len(list(out.glob("*.pdf")))
            wait_for_sheets(out, before + 1, running)
            os.killpg(cluster.started["scheduler"].pid, signal.SIGKILL)
            _, said = running.communicate(timeout=HANGS)
        assert running.returncode == 11, said.decode()
        assert b"has been lost" in said
        assert b"--resume" in said
    assert before < len(list(out.glob("*.pdf"))) < 60
    rows = [json.loads(line).get("row") for line in (out / "ledger.jsonl").read_text().splitlines()]
    assert len({row for row in rows if row}) == len(list(out.glob("*.pdf")))


def test_two_batches_of_one_clinic_do_not_take_it_from_each_other(elsewhere: RunningCluster) -> None:
    resources = Resources(clinic=EXAMPLE_CLINIC)
    with configured_for(elsewhere):
        engine = Cluster(resources=resources, address=elsewhere.address, workers=1, chunk=1, patience=HANGS)
        long = engine.run(task(number) for number in range(1, 13))
        results = [next(long)]
        assert numbers(engine.run([task(99)])) == [99]
        results += long
    assert numbers(results) == list(range(1, 13))
    assert all(isinstance(result, Sheet) for result in results)


def test_the_clinic_is_taken_away_when_what_is_under_way_is_made(tmp_path: Path) -> None:
    worker = cast("Worker", SimpleNamespace(local_directory=str(tmp_path), data={}))
    plugin = ClinicAtHand(pack(EXAMPLE_CLINIC), described(worker))
    plugin.setup(worker)
    begun = threading.Event()

    def wanted() -> Iterator[Task]:
        for number in range(1, 4):
            yield task(number)
            begun.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(plugin.make, wanted(), 60)
        begun.wait()
        plugin.teardown(worker)
        made = running.result()
    assert made is not None
    assert [type(sheet) for sheet in made] == [Sheet] * 3
    assert not any(tmp_path.rglob("clinic.toml"))
    assert plugin.make([task(4)], 60) is None


def test_a_task_that_comes_while_the_clinic_is_being_brought_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = cast("Worker", SimpleNamespace(local_directory=str(tmp_path), data={}, plugins={}))
    plugin = ClinicAtHand(pack(EXAMPLE_CLINIC), described(worker))
    worker.plugins[plugin.name] = plugin  # Dask does so before it calls setup.
    begun, go = threading.Event(), threading.Event()

    def slowly(package: bytes, folder: Path) -> None:
        begun.set()
        assert go.wait(HANGS)
        unpack(package, folder)

    def answer() -> object:
        return make_chunk(plugin.name, Parcel.of((task(1),)), 60).opened()

    monkeypatch.setattr("handouts.batch.cluster.worker.unpack", slowly)
    monkeypatch.setattr("handouts.batch.cluster.worker.get_worker", lambda: worker)
    with ThreadPoolExecutor(1) as pool:
        setting_up = pool.submit(plugin.setup, worker)
        assert begun.wait(HANGS)
        early = answer()
        go.set()
        setting_up.result()
    assert isinstance(early, ClinicNotLoaded)
    assert numbers(cast("list[Sheet | Failed]", answer())) == [1]


def test_a_fault_of_our_own_names_no_patient(capfd: pytest.CaptureFixture[str]) -> None:
    engine = Cluster(resources=Resources(clinic=EXAMPLE_CLINIC), address="local", patience=HANGS, workers=1)
    wish = replace(task(1).opened().job, now=Puzzling(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(ClusterFault) as error:
        list(engine.run([with_job(task(1), wish)]))
    said = str(error.value) + "".join(capfd.readouterr())
    assert "KeyError on a worker" in said
    assert "Ana Example" not in said
