# SPDX-License-Identifier: GPL-3.0-or-later
"""Witnesses: journals outside the state folder that tell which boards were written, whatever becomes of the ledger.

A line is appended after the commit that marries an identity to its board and before the first byte leaves. It is not
synced: a witness that is behind is harmless, one that is ahead would be a false alarm. There is one journal per ledger
at each place; any of them may be missing for a while and is caught up when it is back, never all. Several processes
append to one journal: O_APPEND, one write a line. What is torn or not ours is counted and skipped.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.witness_lines import Line, decode, encode
from station.secrets.vault import Vault

SUFFIX = ".witness"
_HEADER = b'{"witness"'
"""How the first line begins. A damaged line must not look like it, and `[` is one bit from a `{`."""
_TAIL_BYTES = 256 * 1024
"""What is looked at when a ledger is opened: more than a thousand boards. What was before it was looked at earlier."""


class Journal:
    """One ledger's journal at one place. Methods raise OSError when the place has gone."""

    def __init__(self, place: Path, vault: Vault, ledger_id: str) -> None:
        self.path = place / f"{ledger_id}{SUFFIX}"
        self._vault, self._ledger_id = vault, ledger_id
        self._handle: int | None = None
        self._read_to = 0
        self.damaged = 0

    @property
    def is_open(self) -> bool:
        return self._handle is not None

    def open(self, *, whole: bool = False) -> None:
        """FileNotFoundError when there is none. Reading begins near its end, or at its beginning."""
        self._handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        self._read_to = 0
        if not whole:
            self.read_anew()

    def read_anew(self) -> None:
        """The next reading begins near its end."""
        self._read_to = max(0, os.fstat(self._open_handle).st_size - _TAIL_BYTES)

    def make(self, header: bytes) -> None:
        """0600, in a folder that is made with it. Its parent must be there: a stick may not be plugged in."""
        with suppress(FileExistsError):
            self.path.parent.mkdir(mode=0o700)
        self._handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._handle).st_size == 0:
            self._write(header)

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def require_there(self) -> None:
        """OSError when what is open is no longer the file at the path."""
        here, there = os.fstat(self._open_handle), self.path.stat()
        if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
            raise FileNotFoundError(self.path)

    def read(self) -> list[Line]:
        """What was appended since the last reading, by anybody. A last line without its end waits for it."""
        size = os.fstat(self._open_handle).st_size
        if size <= self._read_to:
            return []
        data = os.pread(self._open_handle, size - self._read_to, self._read_to)
        whole = data[: data.rfind(b"\n") + 1]
        pieces = whole.split(b"\n")
        if self._read_to and size - self._read_to == _TAIL_BYTES:
            pieces = pieces[1:]  # the middle of a line
        self._read_to += len(whole)
        return [line for piece in pieces if (line := self._line(piece)) is not None]

    @property
    def is_torn(self) -> bool:
        """Whether what was read ends within a line: it told of a board, and nobody knows of which."""
        return os.fstat(self._open_handle).st_size > self._read_to

    def append(self, line: Line) -> None:
        """One write, behind whatever is there; a torn line before it is ended first."""
        handle = self._open_handle
        size = os.fstat(handle).st_size
        heard = self._read_to == size  # up to the end of a line, or of an empty file
        torn = not heard and size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        data = encode(self._vault, self._ledger_id, line)
        self._write(b"\n" * torn + data)
        if heard and os.lseek(handle, 0, os.SEEK_CUR) == size + len(data):
            self._read_to += len(data)  # nobody else wrote before it: there is nothing to look at

    @property
    def _open_handle(self) -> int:
        if self._handle is None:
            raise FileNotFoundError(self.path)
        return self._handle

    def _write(self, data: bytes) -> None:
        if os.write(self._open_handle, data) != len(data):
            raise OSError(f"{self.path} took a part of a line")

    def _line(self, piece: bytes) -> Line | None:
        if not piece or piece.startswith(_HEADER):
            return None
        line = decode(self._vault, self._ledger_id, piece)
        self.damaged += line is None
        return line


class Witness:
    """All places of one ledger. May be shared by threads."""

    def __init__(self, places: Sequence[Path], vault: Vault, ledger_id: str, ledger: Path) -> None:
        self.journals = [Journal(place, vault, ledger_id) for place in places]
        head = {"witness": 1, "ledger": ledger_id, "path": str(ledger.absolute()), "key": vault.key_id()}
        self.id = ledger_id
        self._header = f"{json.dumps(head)}\n".encode()
        self._lock = threading.RLock()

    def open(self, *, whole: bool = False) -> None:
        """Those that are there. The others are looked for again."""
        for journal in self.journals:
            if not journal.is_open:
                with suppress(OSError):
                    journal.open(whole=whole)

    def close(self) -> None:
        for journal in self.journals:
            journal.close()

    @property
    def present(self) -> list[Journal]:
        return [journal for journal in self.journals if journal.is_open]

    @property
    def damaged(self) -> int:
        return sum(journal.damaged for journal in self.journals)

    def make_missing(self) -> list[Journal]:
        """Those that could be made now, each still empty."""
        made = []
        for journal in self.journals:
            if not journal.is_open:
                with suppress(OSError):
                    journal.make(self._header)
                    made.append(journal)
        return made

    def lose_gone(self) -> None:
        """Forget the places that have gone."""
        with self._lock:
            for journal in self.present:
                try:
                    journal.require_there()
                except OSError:
                    journal.close()

    def read(self) -> list[tuple[Journal, Line]]:
        """What was appended since the last reading, in order at each place."""
        with self._lock:
            found = []
            for journal in self.present:
                try:
                    found += [(journal, line) for line in journal.read()]
                except OSError:
                    journal.close()
            return found

    def read_anew(self) -> None:
        """What is there is read once more."""
        with self._lock:
            for journal in self.present:
                try:
                    journal.read_anew()
                except OSError:
                    journal.close()

    def tell(self, lines: Iterable[Line], journals: Sequence[Journal] | None = None) -> None:
        """Append to each place that is there. LedgerFault E328 unless one of them took all of it."""
        with self._lock:
            for line in lines:
                for journal in self.present if journals is None else journals:
                    try:
                        journal.append(line)
                    except OSError:
                        journal.close()
            if not self.present:
                raise unwitnessed(self.journals)


def unwitnessed(journals: Sequence[Journal]) -> LedgerFault:
    places = ", ".join(str(journal.path.parent) for journal in journals)
    return LedgerFault(
        f"no witness of this ledger can be written: {places}",
        means="no board is begun: after a loss of the ledger nobody would know its identity",
        do="make one of these places writable or plug it in again; if all are lost: station recover",
        code=Code.E328,
    )


def others_at(place: Path, ledger_id: str, ledger: Path, vault: Vault) -> list[str]:
    """Ids of the ledgers that were here before, and wrote boards: one that was deleted leaves its journal.

    Here: with this key, by whatever path its folder was reached then, or at this path, with whatever key.
    """
    found = []
    for file in sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else []:
        name = file.name.removesuffix(SUFFIX)
        with suppress(OSError), file.open("rb") as content:
            header, told = content.readline(), content.read(_TAIL_BYTES).split(b"\n")
            was_here = _says_here(header, name, ledger, vault) or _is_ours(told, name, vault)
            if name != ledger_id and told[0] and was_here:
                found.append(name)
    return found


def _says_here(header: bytes, ledger_id: str, ledger: Path, vault: Vault) -> bool:
    with suppress(ValueError, LookupError, TypeError):
        head = json.loads(header)
        is_near = head["key"] == vault.key_id() or head["path"] == str(ledger.absolute())
        return bool(is_near and head["ledger"] == ledger_id)
    return False


def _is_ours(told: Sequence[bytes], ledger_id: str, vault: Vault) -> bool:
    """With this key: a header may be damaged as any other line."""
    return any(decode(vault, ledger_id, piece) is not None for piece in told)
