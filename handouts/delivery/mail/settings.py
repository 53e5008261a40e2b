"""The environment's HANDOUTS_SMTP_… and HANDOUTS_MAIL_… -> sender and mail server, or every fault in them at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from handouts.addresses import mailbox
from handouts.codes import Code
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import MailServer, Sender, Tls

SETTINGS: Mapping[str, str] = {
    "HANDOUTS_SMTP_HOST": "the mail server's name",
    "HANDOUTS_SMTP_PORT": "its port; 587, or 465 with implicit TLS, if left out",
    "HANDOUTS_SMTP_TLS": "starttls or implicit; none for this very machine",
    "HANDOUTS_SMTP_USER": "the account",
    "HANDOUTS_SMTP_PASSWORD": "its password",
    "HANDOUTS_SMTP_CA": "a file of certificates to trust in place of the system's",
    "HANDOUTS_MAIL_FROM": "the sender; the clinic's contact.email, if left out",
    "HANDOUTS_MAIL_REPLY_TO": "where answers go",
}
KEYRING_SERVICE = "handouts"
"""Under which a keyring holds the password; its account there is <user>@<host>."""

_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.I)

FindPassword = Callable[[str, str], str | None]
"""Given service and account, a keyring's password, or None."""


def sender(environment: Mapping[str, str]) -> Sender:
    """Return who writes and where answers go, as far as the environment says; raise InputError with every fault."""
    problems = _misspelt(environment, "HANDOUTS_MAIL_")
    found = []
    for name in ("HANDOUTS_MAIL_FROM", "HANDOUTS_MAIL_REPLY_TO"):
        given = environment.get(name, "").strip()
        found.append(mailbox(given))
        if given and not found[-1]:
            problems.append(_fault(name, code=Code.NOT_AN_ADDRESS))
    if problems:
        raise InputError(problems)
    return Sender(address=found[0], reply_to=found[1])


def or_clinic(given: Sender, clinic_address: str) -> Sender:
    """Return the sender, or the clinic's own address in its place; raise InputError where there is neither."""
    address = given.address or mailbox(clinic_address)
    if not address and clinic_address:
        raise InputError.of(Kind.BRANDING, Code.NOT_AN_ADDRESS, "clinic.toml", path="contact.email", key="email")
    if not address:
        raise InputError([_fault("HANDOUTS_MAIL_FROM", code=Code.NO_SENDER)])
    return replace(given, address=address)


def mail_server(environment: Mapping[str, str], find_password: FindPassword) -> MailServer:
    """Return the mail server that the environment names; raise InputError with everything that is wrong with it."""
    problems = _misspelt(environment, "HANDOUTS_SMTP_")
    given = {name: environment.get(name, "").strip() for name in SETTINGS}
    host, user = given["HANDOUTS_SMTP_HOST"], given["HANDOUTS_SMTP_USER"]
    if not host:
        problems.append(_fault("HANDOUTS_SMTP_HOST", code=Code.SETTING_MISSING))
    elif not _is_host(host):
        problems.append(_fault("HANDOUTS_SMTP_HOST", code=Code.NOT_A_HOST))
    tls = _tls(given["HANDOUTS_SMTP_TLS"], given["HANDOUTS_SMTP_PORT"], host, problems)
    port = _port(given["HANDOUTS_SMTP_PORT"], tls, problems)
    # Not stripped: a password may begin or end with a space.
    password = environment.get("HANDOUTS_SMTP_PASSWORD", "") or _from_keyring(user, host, find_password)
    if user and not password:
        problems.append(_fault("HANDOUTS_SMTP_PASSWORD", code=Code.MAIL_PASSWORD_MISSING, account=f"{user}@{host}"))
    if password and not user:
        problems.append(_fault("HANDOUTS_SMTP_USER", code=Code.SETTING_MISSING))
    for name, text in (("HANDOUTS_SMTP_USER", user), ("HANDOUTS_SMTP_PASSWORD", password)):
        if "\0" in text or any(0xD800 <= ord(character) <= 0xDFFF for character in text):
            problems.append(_fault(name, code=Code.SETTING_DAMAGED))
    ca = Path(given["HANDOUTS_SMTP_CA"]) if given["HANDOUTS_SMTP_CA"] else None
    if ca is not None and not ca.is_file():
        problems.append(_fault("HANDOUTS_SMTP_CA", code=Code.FILE_MISSING))
    if problems:
        raise InputError(problems)
    return MailServer(host=host, port=port, tls=tls, user=user, password=password, ca=ca)


def _tls(given: str, port: str, host: str, problems: list[Problem]) -> Tls:
    """Return how to protect the way: as asked, else as the port has it (RFC 8314, 3.3), else STARTTLS."""
    if not given:
        return Tls.IMPLICIT if port == str(_PORTS[Tls.IMPLICIT]) else Tls.STARTTLS
    try:
        tls = Tls(given.lower())
    except ValueError:
        known = ", ".join(Tls)
        problems.append(_fault("HANDOUTS_SMTP_TLS", code=Code.NOT_A_TLS_MODE, near=nearest(given, Tls), known=known))
        return Tls.STARTTLS
    if tls is Tls.NONE and host and not _is_here(host):
        problems.append(_fault("HANDOUTS_SMTP_TLS", code=Code.PLAIN_TEXT_REFUSED))
    return tls


def _port(given: str, tls: Tls, problems: list[Problem]) -> int:
    if not given:
        return _PORTS[tls]
    if not re.fullmatch("[0-9]{1,5}", given) or not 1 <= int(given) <= 65535:
        problems.append(_fault("HANDOUTS_SMTP_PORT", code=Code.NOT_A_PORT))
        return _PORTS[tls]
    return int(given)


def _from_keyring(user: str, host: str, find_password: FindPassword) -> str:
    return (find_password(KEYRING_SERVICE, f"{user}@{host}") or "") if user and host else ""


def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None or _as_ip(text) is not None


def _is_here(host: str) -> bool:
    """Return whether a host is this very machine, so that nobody is on the way to it."""
    address = _as_ip(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _as_ip(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - one of two private classes
    try:
        return ip_address(text)
    except ValueError:
        return None


def _misspelt(environment: Mapping[str, str], prefix: str) -> list[Problem]:
    """Return a Problem for each setting that begins like ours and is none: a slip would pass unseen."""
    return [
        _fault(name if re.fullmatch("[A-Z0-9_]{1,60}", name) else f"{prefix}…", code=Code.UNKNOWN_SETTING, near=close)
        for name in sorted(environment)
        if name.startswith(prefix) and name not in SETTINGS
        for close in (nearest(name, SETTINGS),)
    ]


def _fault(name: str, *, code: Code, near: str = "", **values: str) -> Problem:
    return Problem.of(Kind.DELIVERY, code, "environment", path=name, nearest=near, key=name, **values)
