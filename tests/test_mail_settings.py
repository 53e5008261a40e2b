"""The settings of mail: every fault at once, the nearest name suggested, nothing said in plain text."""

from pathlib import Path

import pytest

from handouts.delivery.mail.settings import SETTINGS, mail_server, or_clinic, sender
from handouts.errors import InputError
from handouts.records import MailServer, Sender, Tls
from tests.conftest import CHECKOUT

HOST = {"HANDOUTS_SMTP_HOST": "mail.example.org"}


def none(service: str, account: str) -> str | None:
    """Return no password: an empty keyring."""
    return None if service and account else ""


def faults(environment: dict[str, str]) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as refused:
        mail_server(environment, none)
    return [(problem.code, problem.path, problem.nearest) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("environment", "port", "tls"),
    [
        ({}, 587, Tls.STARTTLS),
        ({"HANDOUTS_SMTP_PORT": "465"}, 465, Tls.IMPLICIT),
        ({"HANDOUTS_SMTP_PORT": "2525"}, 2525, Tls.STARTTLS),
        ({"HANDOUTS_SMTP_TLS": "implicit"}, 465, Tls.IMPLICIT),
        ({"HANDOUTS_SMTP_TLS": " STARTTLS "}, 587, Tls.STARTTLS),
        ({"HANDOUTS_SMTP_HOST": "localhost", "HANDOUTS_SMTP_TLS": "none"}, 25, Tls.NONE),
        ({"HANDOUTS_SMTP_HOST": "127.0.0.1", "HANDOUTS_SMTP_TLS": "none"}, 25, Tls.NONE),
        ({"HANDOUTS_SMTP_HOST": "::1", "HANDOUTS_SMTP_TLS": "none"}, 25, Tls.NONE),
    ],
)
def test_what_is_left_out_is_what_servers_want(environment: dict[str, str], port: int, tls: Tls) -> None:
    server = mail_server(HOST | environment, none)
    assert (server.port, server.tls, server.user, server.ca) == (port, tls, "", None)


def test_all_faults_are_told_at_once() -> None:
    environment = {
        "HANDOUTS_SMTP_HOST": "https://mail.example.org",
        "HANDOUTS_SMTP_PORT": "70000",
        "HANDOUTS_SMTP_TLS": "startls",
        "HANDOUTS_SMTP_PASWORD": "secret",
        "HANDOUTS_SMTP_USER": "desk",
        "HANDOUTS_SMTP_CA": "/nowhere",
    }
    assert sorted(faults(environment)) == [
        ("file-missing", "HANDOUTS_SMTP_CA", ""),
        ("mail-password-missing", "HANDOUTS_SMTP_PASSWORD", ""),
        ("not-a-host", "HANDOUTS_SMTP_HOST", ""),
        ("not-a-port", "HANDOUTS_SMTP_PORT", ""),
        ("not-a-tls-mode", "HANDOUTS_SMTP_TLS", "starttls"),
        ("unknown-setting", "HANDOUTS_SMTP_PASWORD", "HANDOUTS_SMTP_PASSWORD"),
    ]


@pytest.mark.parametrize("host", ["mail.example.org", "192.0.2.1", "localhost.example.org", "2001:db8::1"])
def test_nothing_is_said_in_plain_text_to_another_machine(host: str) -> None:
    environment = {"HANDOUTS_SMTP_HOST": host, "HANDOUTS_SMTP_TLS": "none"}
    assert faults(environment) == [("plain-text-refused", "HANDOUTS_SMTP_TLS", "")]


@pytest.mark.parametrize(
    ("environment", "code", "path"),
    [
        ({"HANDOUTS_SMTP_HOST": " "}, "setting-missing", "HANDOUTS_SMTP_HOST"),
        ({"HANDOUTS_SMTP_HOST": "mail example"}, "not-a-host", "HANDOUTS_SMTP_HOST"),
        ({"HANDOUTS_SMTP_HOST": "mail.example.org:587"}, "not-a-host", "HANDOUTS_SMTP_HOST"),
        ({"HANDOUTS_SMTP_HOST": f"{'a' * 64}.example.org"}, "not-a-host", "HANDOUTS_SMTP_HOST"),
        ({"HANDOUTS_SMTP_HOST": "mail..example.org"}, "not-a-host", "HANDOUTS_SMTP_HOST"),
        ({"HANDOUTS_SMTP_PORT": "0"}, "not-a-port", "HANDOUTS_SMTP_PORT"),
        ({"HANDOUTS_SMTP_PORT": "५८७"}, "not-a-port", "HANDOUTS_SMTP_PORT"),
        ({"HANDOUTS_SMTP_PASSWORD": "x"}, "setting-missing", "HANDOUTS_SMTP_USER"),
        (
            {"HANDOUTS_SMTP_USER": "desk", "HANDOUTS_SMTP_PASSWORD": "\udcff"},
            "setting-damaged",
            "HANDOUTS_SMTP_PASSWORD",
        ),
    ],
)
def test_each_fault_has_its_word(environment: dict[str, str], code: str, path: str) -> None:
    assert faults(HOST | environment) == [(code, path, "")]


def test_the_keyring_is_asked_when_the_environment_has_no_password() -> None:
    asked = []

    def find(service: str, account: str) -> str:
        asked.append((service, account))
        return "from the keyring"

    user = HOST | {"HANDOUTS_SMTP_USER": "desk"}
    assert mail_server(user, find).password == "from the keyring"  # noqa: S105 - of a test
    assert mail_server(user | {"HANDOUTS_SMTP_PASSWORD": " own "}, find).password == " own "  # noqa: S105
    assert asked == [("handouts", "desk@mail.example.org")]


def test_no_record_shows_its_password() -> None:
    server = MailServer(host="h", port=1, tls=Tls.NONE, user="desk", password="geheim")  # noqa: S106 - of a test
    assert "geheim" not in repr(server)


def test_the_sender_is_the_environments_else_the_clinics() -> None:
    assert or_clinic(sender({}), "care@example.org") == Sender(address="care@example.org")
    given = sender({"HANDOUTS_MAIL_FROM": "desk@example.org", "HANDOUTS_MAIL_REPLY_TO": "x@example.org"})
    assert or_clinic(given, "care@example.org") == Sender(address="desk@example.org", reply_to="x@example.org")
    for environment, found in (
        ({"HANDOUTS_MAIL_FROM": "desk", "HANDOUTS_MAIL_REPLY_TO": "a@b@c"}, {"not-an-address"}),
        ({"HANDOUTS_MAIL_FORM": "desk@example.org"}, {"unknown-setting"}),
    ):
        with pytest.raises(InputError) as refused:
            sender(environment)
        assert {problem.code for problem in refused.value.problems} == found
    for own, code in (("", "no-sender"), ("care@-example.org", "not-an-address")):
        with pytest.raises(InputError) as refused:
            or_clinic(sender({}), own)
        assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("setting", [*SETTINGS, "HANDOUTS_PDF_PASSWORD"])
def test_a_setting_stands_in_the_manual(setting: str) -> None:
    assert f"`{setting}`" in Path(CHECKOUT / "docs" / "reference" / "environment.md").read_text()
