"""What is typed wrongly on a command line may be a patient's name or address: it is never shown again."""

from collections.abc import Callable

import click
import pytest

from handouts.interfaces.command import cli
from handouts.interfaces.discreet_command import DiscreetCommand
from tests.conftest import EXAMPLE_CLINIC, Ran

NAMED = ("Zebulon", "Quux", "zebulon@example.org", "ZQ-4711")
CLINIC = ("--clinic", str(EXAMPLE_CLINIC))
QUOTES = "Put quotes around a value with spaces."
PRINTER = "write --print last, or --print=QUEUE"
ADDRESS = "--email takes no address"
DISCREET = (("make",), ("email",), ("print",), ("batch",), ("ledger", "find"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("make", "microneedling-aftercare", *CLINIC, "--patient", "Zebulon", "Quux"), QUOTES),
        (
            ("make", "microneedling-aftercare", *CLINIC, "--patient", "Zebulon", "--email", "zebulon@example.org"),
            ADDRESS,
        ),
        (("make", *CLINIC, "--patient", "Zebulon", "--print", "microneedling-aftercare"), PRINTER),
        (("make", "microneedling-aftercare", "Zebulon", "Quux", *CLINIC, "--print"), PRINTER),
        (("make", *CLINIC, "--patient", "Zebulon"), "DOCUMENT... is missing."),
        (("make", "microneedling-aftercare", *CLINIC, "--Zebulon", "Quux"), "`handouts make --help` lists them."),
        (("make", "microneedling-aftercare", *CLINIC, "-Zebulon"), "does not have one of these options"),
        (("make", "microneedling-aftercare", *CLINIC, "--patien=Zebulon"), "--patient,"),
        (("make", "microneedling-aftercare", *CLINIC, "--strict=Zebulon"), "--strict"),
        (("make", "microneedling-aftercare", *CLINIC, "--patient"), "--patient"),
        (("batch", "--print", "Zebulon.csv", *CLINIC), PRINTER),
        (("batch", "Zebulon.csv", *CLINIC, "--email", "zebulon@example.org"), ADDRESS),
        (("email", "sheet.pdf", *CLINIC, "--address", "Zebulon", "zebulon@example.org"), "FILE and options"),
        (("email", *CLINIC, "--address", "zebulon@example.org"), "FILE is missing."),
        (("print", "Zebulon", "Quux"), QUOTES),
        (("ledger", "find", "ledger.jsonl", "--patient", "Zebulon", "Quux"), QUOTES),
        (("ledger", "find", "ledger.jsonl", "--record-number", "ZQ-4711", "--zebulon@example.org"), "options"),
    ],
)
def test_a_stray_word_is_refused_and_not_repeated(
    command: Callable[..., Ran], arguments: tuple[str, ...], said: str
) -> None:
    ran = command(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert [word for word in NAMED if word.lower() in f"{ran.out}{ran.err}".lower()] == []


@pytest.mark.parametrize("path", DISCREET)
def test_no_detail_of_a_patient_is_of_a_kind_that_click_repeats(path: tuple[str, ...]) -> None:
    found: click.Command = cli
    for name in path:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name) or found
    assert isinstance(found, DiscreetCommand)
    repeated = {
        option
        for param in found.params
        if not isinstance(param.type, click.types.StringParamType)
        for option in param.opts
    }
    assert repeated <= {
        *("--format", "--paper", "--print-size", "--dates", "--copies", "--sides", "--colour", "--patience"),
        *("--workers", "--strict", "--email", "--password", "--send", "--json", "--family-first", "--skip-faulty"),
        *("--resume", "--sample", "--audit", "--hidden", "--strict-services", "--fhir-with-pdf"),
    }  # fmt: skip
