"""A folder -> a private postfix in it: every way of TLS and none, accounts, refusals, a mailbox."""

import os
import pwd
import shutil
import socket
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trustme

from handouts.records import MailServer, Tls
from tests.waiting import HANGS, until

USER = "desk@mail.example.org"
PASSWORD = "Schlüssel zum Büro 7"  # noqa: S105 - an account of this postfix alone
LATER = "later@example.org"
NOBODY = "nobody@example.org"
REFUSED_SENDER = "stranger@example.net"

PROGRAMS = ("postfix", "saslpasswd2")
INSTALL = "scripts/install.sh test (apt-get install --no-install-recommends postfix sasl2-bin libsasl2-modules)"

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = example.org, xn--bcher-kva.example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtputf8_enable = yes
smtpd_client_restrictions =
smtpd_relay_restrictions =
smtpd_delay_reject = no
smtpd_sender_restrictions = check_sender_access inline:{{ {{ {refused_sender} = 553 5.7.1 not your address }} }}
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/access, permit_sasl_authenticated, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_tls_cert_file = {folder}/good.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_client_connection_count_limit = 0
max_use = 1
"""

SERVICES = """
127.0.0.1:{starttls} inet n - n - - smtpd
127.0.0.1:{implicit} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
127.0.0.1:{expired} inet n - n - - smtpd -o smtpd_tls_cert_file={folder}/expired.pem
127.0.0.1:{ascii_only} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=smtputf8
127.0.0.1:{plain} inet n - n - - smtpd -o smtpd_tls_security_level=none -o smtpd_tls_auth_only=no
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""

SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/sasldb2
mech_list: PLAIN LOGIN
"""


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """A running postfix; `ports` by the name of the service."""

    folder: Path
    ports: dict[str, int]

    def server(self, service: str = "starttls", **changed: object) -> MailServer:
        """Return how to reach one of its services."""
        modes = {"implicit": Tls.IMPLICIT, "plain": Tls.NONE}
        settings: dict[str, object] = {
            "host": "localhost",
            "port": self.ports[service],
            "tls": modes.get(service, Tls.STARTTLS),
            "user": USER,
            "password": PASSWORD,
            "ca": self.folder / "ca.pem",
        }
        return MailServer(**(settings | changed))  # type: ignore[arg-type]  # a test changes what it likes

    def environment(self, service: str = "starttls") -> dict[str, str]:
        """Return the settings that reach one of its services."""
        server = self.server(service)
        return {
            "HANDOUTS_SMTP_HOST": server.host,
            "HANDOUTS_SMTP_PORT": str(server.port),
            "HANDOUTS_SMTP_TLS": str(server.tls),
            "HANDOUTS_SMTP_USER": server.user,
            "HANDOUTS_SMTP_PASSWORD": server.password,
            "HANDOUTS_SMTP_CA": str(server.ca),
        }

    def received(self, identifier: str, *, wanted: int = 1) -> list[bytes]:
        """Return the messages of an identifier that have arrived, as the mailbox holds them (lines end with LF).

        Waits for as many as are wanted; with 0, until the queue is empty and nothing more can come.
        """
        until(lambda: len(self._found(identifier)) >= wanted if wanted else self._is_idle(), f"mail {identifier}")
        return self._found(identifier)

    def settled(self, identifier: str) -> list[bytes]:
        """Return the messages that have arrived once nothing is under way any more."""
        return self.received(identifier, wanted=0)

    def _found(self, identifier: str) -> list[bytes]:
        mark = f"Message-ID: <{identifier}@".encode()
        inbox = self.folder / "mail" / "inbox" / "new"
        return [data for data in (path.read_bytes() for path in sorted(inbox.glob("*"))) if mark in data]

    def _is_idle(self) -> bool:
        folders = ("incoming", "active", "deferred", "maildrop")
        queued = any(path.is_file() for name in folders for path in (self.folder / "queue" / name).rglob("*"))
        return not queued and not list((self.folder / "mail" / "inbox" / "tmp").glob("*"))

    def put_off(self, *addresses: str) -> None:
        """Answer 450 for these addresses from the next connection on, and for LATER as always."""
        lines = [f"{address} 450 4.2.1 <{address}>: the mailbox is busy" for address in (LATER, *addresses)]
        lines.append(f"{NOBODY} 550 5.1.1 <{NOBODY}>: no such user here")
        temporary = self.folder / "access.new"
        temporary.write_text("\n".join(lines) + "\n")
        temporary.chmod(0o644)
        temporary.replace(self.folder / "access")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(folder: Path) -> tuple[Postfix, "subprocess.Popen[bytes]"]:
    """Start postfix in a folder that everybody may enter (its mailbox belongs to nobody); return it and its process."""
    missing = [program for program in PROGRAMS if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None]
    assert not missing, f"{', '.join(missing)} missing: {INSTALL}"
    assert os.getuid() == 0, "postfix starts as root only: run the tests as root, in a container"
    services = ("starttls", "implicit", "expired", "ascii_only", "plain")
    postfix = Postfix(folder=folder, ports={service: free_port() for service in services})
    owner = pwd.getpwnam("nobody")
    values = {"folder": folder, "uid": owner.pw_uid, "gid": owner.pw_gid, "refused_sender": REFUSED_SENDER}
    for name in ("etc", "etc/sasl", "queue", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "nobody", owner.pw_gid)
    (folder / "etc" / "main.cf").write_text(MAIN.format(**values))
    (folder / "etc" / "master.cf").write_text(SERVICES.format(folder=folder, **postfix.ports))
    (folder / "etc" / "sasl" / "smtpd.conf").write_text(SASL.format(**values))  # Where Debian's postfix looks.
    certificates(folder)
    postfix.put_off()
    name, _, realm = USER.partition("@")
    database = folder / "sasldb2"
    subprocess.run(
        ["/usr/sbin/saslpasswd2", "-p", "-c", "-f", database, "-u", realm, name], input=PASSWORD.encode(), check=True
    )
    shutil.chown(database, "postfix")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            ["/usr/sbin/postfix", "-c", folder / "etc", "start-fg"], stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    for port in postfix.ports.values():
        _wait_for(port, folder, process)
    return postfix, process


def stop(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Stop the postfix of a folder."""
    subprocess.run(["/usr/sbin/postfix", "-c", folder / "etc", "stop"], capture_output=True, check=False)
    process.wait(HANGS)


def certificates(folder: Path) -> None:
    """Write ca.pem and two certificates for localhost with their keys: good.pem and expired.pem."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "good.pem")
    past = datetime(2020, 1, 1, tzinfo=UTC)
    expired = authority.issue_cert("localhost", not_before=datetime(2019, 1, 1, tzinfo=UTC), not_after=past)
    expired.private_key_and_cert_chain_pem.write_to_path(folder / "expired.pem")


def _wait_for(port: int, folder: Path, process: "subprocess.Popen[bytes]") -> None:
    def said() -> str:
        return "\n".join((folder / name).read_text() for name in ("said", "log") if (folder / name).exists())

    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=HANGS).close()
        except OSError:
            assert process.poll() is None, f"postfix has ended: {said()}"
            return False
        return True

    until(listens, said)
