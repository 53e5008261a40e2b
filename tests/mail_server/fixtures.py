"""The fixtures `postfix` (a real mail server for the session), `sheet` (a real PDF) and `mail` (its real email)."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from handouts.press import Press
from handouts.records import ComposedMail, Destination
from handouts.resources import Resources
from tests.conftest import EXAMPLE_CLINIC, NOW, job
from tests.mail_server.postfix import Postfix, start, stop


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """Return a running postfix; pytest's own folders are closed to the user its mailbox belongs to."""
    folder = Path(tempfile.mkdtemp(prefix="handouts-postfix-"))
    folder.chmod(0o755)
    try:
        server, process = start(folder)
        yield server
        stop(folder, process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sheet in Arabic and English."""
    folder = tmp_path_factory.mktemp("sheets")
    made = Press(Resources(clinic=EXAMPLE_CLINIC)).make(
        job("microneedling-aftercare", "ar+en"), Destination(folder=folder)
    )
    return made.receipts[0].path


@pytest.fixture(scope="session")
def mail() -> ComposedMail:
    """Return the email that brings a sheet in Arabic and English."""
    return Press(Resources(clinic=EXAMPLE_CLINIC)).mail("microneedling-aftercare", "ar+en", NOW.date())
