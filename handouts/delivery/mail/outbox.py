"""Messages -> files of an outbox that any mail program opens, each in the one folder that tells what became of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from handouts.codes import Code
from handouts.delivery.mail.messages import addresses_in, header_of, is_identifier
from handouts.disk import lock, reason_of, sync, write_synced
from handouts.errors import InputError, Kind, Problem, nearest
from handouts.records import Answer, MailState, Posted, Reply

_SUFFIX = ".eml"
_TEMPORARY = ".writing"
_REASON = ".json"
_LARGEST = 50_000_000
"""Bytes of a message that is sent; mail servers take 25 to 35 million."""
_HEADER = 65_536
"""Bytes in which the header of a message lies that we have written."""

_AFTER = {
    Answer.ACCEPTED: MailState.SENT,
    Answer.LATER: MailState.NEW,
    Answer.REFUSED: MailState.FAILED,
    Answer.SENDER_REFUSED: MailState.NEW,
    Answer.UNCERTAIN: MailState.SENDING,
}


class Outbox:
    """A folder with new/, sending/, sent/ and failed/; each message is in one of them as <identifier>.eml, mode 600.

    A message goes from new/ to sending/ before a server hears of it, and from there on by the server's reply. What a
    crash leaves in sending/ nobody may send again but a person who knows: see `settle`. Every step is a rename that is
    on the disk before the next begins. All methods raise InputError where the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, identifier: str, data: bytes) -> tuple[Path, MailState | None]:
        """Write a message into new/, whole or not at all, and return its path and None.

        One of this identifier that waits in new/ is replaced: nobody has it yet, and what was asked for last, such as a
        password or another sender, holds. In any other state it is left alone; its path and that state say so.
        """
        assert is_identifier(identifier), "made by us, of hex digits"
        self._create()
        with self._moving():
            state = self._state(identifier)
            if state not in (None, MailState.NEW):
                return self._path(identifier, state), state
            path = self._path(identifier, MailState.NEW)
            write_synced(data, path, path.with_name(_TEMPORARY))
            return path, None

    def find(self, identifier: str) -> tuple[Path, MailState] | None:
        """Return where a message is and in which state, or None where the outbox has none of that name."""
        with self._moving():
            state = self._state(identifier)
            return (self._path(identifier, state), state) if state is not None else None

    @staticmethod
    def where_now(path: Path) -> Path:
        """Return where a message is that was at `path` of an outbox: the folder's name is its state (MailState)."""
        found = Outbox(path.parent.parent).find(path.stem)
        return found[0] if found else path

    def messages(self) -> tuple[Posted, ...]:
        """Return every message with its address, by state and name, a refused one with the server's reply."""
        with self._moving():
            return tuple(
                Posted(identifier=name, state=state, reply=self._reply(name, state), to=self._to(name, state))
                for state in MailState
                for name in self._names(state)
            )

    def strangers(self) -> tuple[Problem, ...]:
        """Return a warning with the first of the files that are no messages of ours, and how many there are."""
        with self._guarded():
            found = [path for state in MailState for path in sorted((self._folder / state).glob("*")) if _is_odd(path)]
        count = f"{len(found):,}"
        return tuple(
            Problem.warning(Kind.DELIVERY, Code.OUTBOX_STRANGERS, str(path), count=count) for path in found[:1]
        )

    def settle(self, identifier: str, *, sent: bool) -> Path:
        """Let a person decide: the message has arrived, or it has not and is to be sent (again). Return its new path.

        Raises InputError where the outbox has no such message, or where one is being sent right now.
        """
        with self.sender(), self._moving():
            state = self._state(identifier)
            if state is None:
                known = [name for each in MailState for name in self._names(each)]
                guess = nearest(identifier, known)
                raise InputError.of(Kind.DELIVERY, Code.NO_SUCH_MESSAGE, str(self._folder), nearest=guess)
            target = MailState.SENT if sent else MailState.NEW
            if state is not target:
                self._move(identifier, state, target)
            return self._path(identifier, target)

    def is_sending(self) -> bool:
        """Return whether a process is sending this outbox just now."""
        try:
            with self.sender():
                return False
        except InputError:
            return True

    @contextmanager
    def sender(self) -> Iterator[None]:
        """Hold the right to send; raise InputError where another process has it. A crash gives it back."""
        with self._locked("sender", wait=False):
            yield

    def send(self, identifier: str, hand_over: Callable[[bytes], Reply]) -> Posted | None:
        """Give one message of new/ to `hand_over` and put it where its reply says; only for who holds `sender`.

        None where it is not in new/ (any more). An InputError of `hand_over` means that the message was not handed
        over: it goes back to new/. Whatever else happens, a crash as well, leaves it in sending/.
        """
        with self._moving():
            if self._state(identifier) is not MailState.NEW:
                return None
            self._move(identifier, MailState.NEW, MailState.SENDING)
        try:
            reply = self._handed_over(self._path(identifier, MailState.SENDING), hand_over)
        except InputError:
            with self._moving():
                self._move(identifier, MailState.SENDING, MailState.NEW)
            raise
        state = _AFTER[reply.answer]
        with self._moving():
            if state is MailState.FAILED:
                with suppress(OSError):  # A full disk must not leave a refused message among the uncertain ones.
                    self._keep_reason(identifier, reply)
            if state is not MailState.SENDING:
                self._move(identifier, MailState.SENDING, state)
        return Posted(identifier=identifier, state=state, reply=reply)

    def _handed_over(self, path: Path, hand_over: Callable[[bytes], Reply]) -> Reply:
        """Return what a server says to a message, or a refusal of our own: that of one must not keep the others."""
        with self._guarded():
            try:
                with path.open("rb") as file:
                    data = file.read(_LARGEST + 1)
            except PermissionError:
                return Reply(answer=Answer.REFUSED, reason="this computer's user may not read the message")
        if len(data) > _LARGEST:
            return Reply(answer=Answer.REFUSED, reason="the message is larger than any that was made here")
        return hand_over(data)

    def _path(self, identifier: str, state: MailState) -> Path:
        return self._folder / state / f"{identifier}{_SUFFIX}"

    def _names(self, state: MailState) -> tuple[str, ...]:
        folder = self._folder / state
        found = (path for path in folder.glob(f"*{_SUFFIX}") if _is_message(path))
        return tuple(sorted(path.stem for path in found if is_identifier(path.stem)))

    def _to(self, identifier: str, state: MailState) -> str:
        """Return the address of a message, or "" where its header does not say one or may not be read."""
        try:
            with self._path(identifier, state).open("rb") as file:
                return ", ".join(addresses_in(header_of(file.read(_HEADER)), "To"))
        except PermissionError:
            return ""

    def _state(self, identifier: str) -> MailState | None:
        if not is_identifier(identifier):
            return None
        return next((state for state in MailState if _is_message(self._path(identifier, state))), None)

    def _move(self, identifier: str, old: MailState, new: MailState) -> None:
        self._path(identifier, old).rename(self._path(identifier, new))
        sync(self._folder / new)
        sync(self._folder / old)
        if old is MailState.FAILED:
            self._path(identifier, old).with_suffix(_REASON).unlink(missing_ok=True)

    def _keep_reason(self, identifier: str, reply: Reply) -> None:
        kept = json.dumps({"code": reply.code, "reason": reply.reason}, ensure_ascii=False, indent=2)
        path = self._path(identifier, MailState.FAILED).with_suffix(_REASON)
        write_synced(f"{kept}\n".encode(), path, path.with_name(_TEMPORARY))

    def _reply(self, identifier: str, state: MailState) -> Reply | None:
        if state is not MailState.FAILED:
            return None
        try:
            with self._path(identifier, state).with_suffix(_REASON).open("rb") as file:
                kept = json.loads(file.read(_HEADER))
            return Reply(answer=Answer.REFUSED, code=kept["code"], reason=str(kept["reason"]))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return Reply(answer=Answer.REFUSED)

    @contextmanager
    def _moving(self) -> Iterator[None]:
        """Hold the outbox still: nobody else writes or moves a message meanwhile, so no name can be in two folders."""
        with self._locked("moving", wait=True), self._guarded():
            for state in MailState:
                (self._folder / state / _TEMPORARY).unlink(missing_ok=True)  # Who wrote it is dead: the lock is ours.
            yield

    @contextmanager
    def _locked(self, name: str, *, wait: bool) -> Iterator[None]:
        for state in MailState:
            folder = self._folder / state
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                raise _occupied(folder)
        if not (self._folder / MailState.NEW).is_dir():
            raise InputError.of(Kind.DELIVERY, Code.NO_OUTBOX, str(self._folder))
        with self._guarded():
            self._create()
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            path = self._folder / f".{name}"
            if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
                raise _occupied(path)
            handle = os.open(path, flags, 0o600)
        try:
            with self._guarded():
                if not lock(handle, wait=wait):
                    code = Code.OUTBOX_LOCKED if wait else Code.OUTBOX_BUSY
                    raise InputError.of(Kind.DELIVERY, code, str(self._folder))
            yield
        finally:
            os.close(handle)

    def _create(self) -> None:
        with self._guarded():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            missing = [state for state in MailState if not (self._folder / state).is_dir()]
            for state in missing:
                (self._folder / state).mkdir(mode=0o700, exist_ok=True)
            if missing:
                sync(self._folder)
                sync(self._folder.parent)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError.of(
                Kind.DELIVERY, Code.OUTBOX_UNUSABLE, str(self._folder), reason=reason_of(error)
            ) from None


def _occupied(path: Path) -> InputError:
    return InputError.of(Kind.DELIVERY, Code.OUTBOX_OCCUPIED, str(path))


def _is_message(path: Path) -> bool:
    """Return whether a file is one of the outbox's own, not a link to somebody's."""
    return path.is_file() and not path.is_symlink()


def _is_odd(path: Path) -> bool:
    """Return whether a file of the outbox is no message, no server's reason and none that is being written."""
    known = (_SUFFIX, _REASON) if path.parent.name == MailState.FAILED else (_SUFFIX,)
    return path.name != _TEMPORARY and not (path.suffix in known and is_identifier(path.stem) and _is_message(path))
