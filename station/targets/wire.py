# SPDX-License-Identifier: GPL-3.0-or-later
"""What went over a slot's wire, both ways, with times: the last 64 KiB of each slot, and all of it into a file on wish.

No secret is ever kept here: each line is masked before it is stored. Of a known secret, any six characters in a row, or
all of a shorter one, in whatever form a target writes them, hide the rest of the line; so they do where a firmware
dumps what it was given, byte by byte. Runs of 28 or more characters, or of 14 bytes in such a dump, which may be a
secret of another board, are told by their length. Once `guard` was called, which a target does before it
asks for what may be a secret, only the words that the profile itself has are shown; of all else only whether it is a
letter or a digit.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from station.model import Secret
from station.printable import printable
from station.whole import put_whole

KEEP_BYTES: Final = 65536
SENT, HEARD, NOTE = "→", "←", "·"
_LEAST: Final = 6
"""So many characters of a secret in a row are one; fewer happen by chance."""
_LONGEST_LINE: Final = 2048
_LONG_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{28,}=*")
_DUMP: Final = re.compile(r"(?:(?:0[xX]|\\x|%)?[0-9A-Fa-f]{2}[ :,;-]{0,2}){14,}")
_APART: Final = re.compile(
    r"(?:(?:[0-9A-Fa-f]{2}){1,4}[^0-9A-Za-z]+){3}|(?:(?:0[xX]|\\x|%)[0-9A-Fa-f]{2}[^0-9A-Za-z]*?){3}"
    r"|(?:[0-9A-Za-z](?:\\u0000|[^0-9A-Za-z]+)){4}"
)
"""A dump, or what looks like one: bytes in hex, characters one by one."""
_SIGN: Final = re.compile(r"\\u0000|\\u00|\\x|0[xX]|%|([0-9A-Za-z])")
"""A letter or a digit of a dump, which stands behind what is none: \\x, 0x, %, the zero bytes of UTF-16."""
_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_FORMS: Final[tuple[Callable[[str], str], ...]] = (
    lambda text: text,
    lambda text: text.encode().hex(),
    lambda text: text.encode().hex().upper(),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.b64encode(b"." + text.encode()).decode()[2:],  # within a longer text
    lambda text: base64.b64encode(b".." + text.encode()).decode()[3:],
    lambda text: quote(text, safe=""),
    lambda text: re.sub(r'([\\,"])', r"\\\1", text),
    lambda text: text.replace('"', '""'),
    str.upper,
    str.lower,
)


class Wire:
    """One slot's. Written by the one thread that talks there; read by any."""

    def __init__(self, slot: str) -> None:
        self.slot = slot
        self.binary = False  # frames of a loader: told by their length and their first bytes
        self._guarded: dict[str, tuple[str, ...]] = {}  # whose secrets
        self._known: dict[str, frozenset[str]] = {}  # whose secret → its pieces, `_LEAST` long or all of it
        self._pieces: frozenset[str] = frozenset()  # all of them
        self._lengths: frozenset[int] = frozenset()  # of the pieces
        self._allowed: frozenset[str] | None = None
        self._open = {SENT: bytearray(), HEARD: bytearray()}
        self._since = {SENT: 0.0, HEARD: 0.0}
        self._lines: deque[_Line] = deque()
        self._bytes = 0

    def begin(self, url: str) -> None:
        """A port is opened: what was learnt of the board that was there before is over."""
        self.flush()
        self.binary, self._allowed = False, None
        self.note(f"{url} opened")

    def know(self, whose: str, secrets: Iterable[Secret | None]) -> None:
        """What must never be shown, in no form; instead of what was known of `whose` before."""
        guarded = tuple(secret.reveal() for secret in secrets if secret)
        if whose in self._guarded and self._guarded[whose] == guarded:  # a target may say it at each step
            return
        self._guarded[whose] = guarded
        texts = map(printable, {form(text) for text in guarded for form in _FORMS})
        self._known[whose] = frozenset(
            text[at : at + _LEAST] for text in texts for at in range(max(1, len(text) - _LEAST + 1))
        )
        self._pieces = frozenset().union(*self._known.values())
        self._lengths = frozenset(map(len, self._pieces))

    def guard(self, words: str) -> None:
        """From now until the port is opened anew, only these words are shown of what is heard."""
        self.flush()
        self._allowed = (self._allowed or frozenset()) | frozenset(_WORD.findall(words))

    @contextmanager
    def guarded(self, words: str) -> Iterator[None]:
        """As `guard`, for the time of a block."""
        before = self._allowed
        self.guard(words)
        try:
            yield
        finally:
            self.flush()
            self._allowed = before

    def sent(self, data: bytes) -> None:
        self._add(SENT, data)

    def heard(self, data: bytes) -> None:
        self._add(HEARD, data)

    def note(self, text: str) -> None:
        """What was made of it. Never a secret."""
        self.flush()
        self._store(time.time(), NOTE, printable(text))

    def flush(self) -> None:
        """Half a line is told as it is."""
        for mark in (SENT, HEARD):
            self._tell(mark)

    def lines(self) -> tuple[str, ...]:
        """The last 64 KiB."""
        return tuple(map(_printed, tuple(self._lines)))

    def _add(self, mark: str, data: bytes) -> None:
        if not data:
            return
        if self.binary:
            self._tell(SENT if mark is HEARD else HEARD)
        part = self._open[mark]
        self._since[mark] = self._since[mark] if part else time.time()
        part += data
        if self.binary:
            return
        while (end := _end_of_line(part)) or len(part) > _LONGEST_LINE:
            cut = end or _LONGEST_LINE
            line, rest = bytes(part[:cut]), bytes(part[cut:])
            part[:] = line
            self._tell(mark)
            part[:], self._since[mark] = rest, time.time()

    def _tell(self, mark: str) -> None:
        if not self._open[mark]:
            return
        data = bytes(self._open[mark])
        self._open[mark].clear()
        text = f"{len(data)} bytes {data[:3].hex()} …" if self.binary else self._masked(mark, data)
        if text:
            self._store(self._since[mark], mark, text)

    def _masked(self, mark: str, data: bytes) -> str:
        text = printable(data.decode("utf-8", "replace").strip("\r\n"))
        is_dump = _APART.search(text) is not None
        hit = self._first_apart(text) if is_dump else self._first_secret(text)
        shown = _LONG_RUN.sub(lambda run: f"‹{len(run[0])} characters›", text[:hit])
        if is_dump:
            shown = _DUMP.sub(lambda dump: f"‹{len(dump[0])} characters›", shown)
        if mark is HEARD and self._allowed is not None:
            shown = _WORD.sub(self._shape, shown)
        return shown if hit is None else f"{shown}‹secret, {len(text) - hit} characters›"

    def _first_apart(self, text: str) -> int | None:
        """Where one begins, also one whose characters or bytes stand apart."""
        places = [sign.start() for sign in _SIGN.finditer(text) if sign[1]]
        apart = self._first_secret("".join(text[place] for place in places))
        found = (self._first_secret(text), None if apart is None else places[apart])
        return min((at for at in found if at is not None), default=None)

    def _first_secret(self, text: str) -> int | None:
        pieces = self._pieces
        found = (next((at for at in range(len(text)) if text[at : at + n] in pieces), None) for n in self._lengths)
        return min((at for at in found if at is not None), default=None)

    def _shape(self, word: re.Match[str]) -> str:
        if self._allowed and word[0] in self._allowed:
            return word[0]
        return re.sub(r"[A-Za-z]", "x", re.sub(r"[0-9]", "9", word[0]))

    def _store(self, at: float, mark: str, text: str) -> None:
        line = (at, mark, text, len(f"00:00:00.000 {mark} {text}\n".encode()))
        self._lines.append(line)
        self._bytes += line[-1]
        while self._bytes > KEEP_BYTES:
            self._bytes -= self._lines.popleft()[-1]
        for listener in tuple(_listeners):
            listener(self.slot, _printed(line))


_Line = tuple[float, str, str, int]
"""When (seconds since 1970), which way, what, and its bytes in words, into which it is put when somebody wants to see
it: hardly ever."""


def _printed(line: _Line) -> str:
    at, mark, text, _bytes = line
    return time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at * 1000) % 1000:03d} {mark} {text}"


Listener = Callable[[str, str], None]
"""Told a slot and a line, in the thread that talks; must not raise."""

_wires: dict[str, Wire] = {}
_listeners: list[Listener] = []
_lock = threading.Lock()


def wire_of(slot: str) -> Wire:
    """The same one for as long as the process lives."""
    with _lock:
        return _wires.setdefault(slot, Wire(slot))


def listen(listener: Listener) -> Callable[[], None]:
    """Every line of every slot from now on; call what comes back to end that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def wire_file(folder: Path, slot: str) -> Path:
    """Where a slot's last trouble with a board is kept, in the state folder."""
    return folder / "wire" / f"{quote(slot, safe='')}.log"


def keep(path: Path, code: str, lines: Iterable[str]) -> None:
    """Readable by its owner alone, in place of the slot's last one. OSError."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    ended = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {code}"
    put_whole(path, "".join(f"{line}\n" for line in (*lines, ended)))


def _end_of_line(data: bytearray) -> int:
    """Behind the first line end, and all that belong to it; 0 where there is none. A bare end is no line."""
    found = re.search(rb"[^\r\n][\r\n]+", data)
    return found.end() if found else 0
