# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent protocol's lines (firmware_templates/agent/PROTOCOL.md §1): build a command, find replies in a byte stream.

Strict: a reply is believed only when every byte of it is as the page says. No input raises; memory is bounded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MAX_REPLY_BYTES = 1024
UNTRUSTED_TAG = "?"
"""The board's answer to a line that reached it damaged."""

_FRAME = re.compile(
    rb"@(?P<tag>[0-9a-z]{1,8}|\?) (?P<kind>OK|ERR)(?P<words>(?: [!-)+-?A-~]+)*)\*(?P<crc>[0-9a-f]{8})\r?"
)
_PAIR = re.compile(rb"([a-z][a-z0-9]*)=((?:[A-Za-z0-9._:-]|%[0-9A-F]{2})*)")
_ERROR = re.compile(rb" ([A-Z]{1,16})")
_ESCAPE = re.compile(rb"%(..)")
_ODD = re.compile(rb"[^A-Za-z0-9._:-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole, undamaged answer. `error`: the ERR word, empty for OK."""

    tag: str
    error: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Damaged:
    """A line that had an `@` and is no reply: hurt on the way, or a log line with an `@` in it."""


DAMAGED = Damaged()


def command(tag: str, *words: str) -> bytes:
    """One line. `words` are in the protocol's alphabet already; what is not goes through `encoded` first."""
    frame = f"@{tag} {' '.join(words)}".encode("ascii")
    return b"%s*%08x\n" % (frame, zlib.crc32(frame))


def encoded(value: bytes) -> str:
    """Percent-encoded, as PUT takes it."""
    return _ODD.sub(lambda byte: b"%%%02X" % ord(byte[0]), value).decode("ascii")


class ReplyReader:
    """Cuts a byte stream into replies; noise between them vanishes."""

    def __init__(self) -> None:
        self._frame = bytearray()  # from the line's last “@”; empty before there is one

    def feed(self, data: bytes) -> Iterator[Reply | Damaged]:
        for piece in re.findall(rb"@|\n|[^@\n]+", data):
            if piece == b"@":
                self._frame[:] = b"@"
            elif piece != b"\n":
                self._frame += piece if self._frame else b""
                del self._frame[MAX_REPLY_BYTES + 1 :]
            elif self._frame:
                frame = bytes(self._frame)
                self._frame.clear()
                yield _reply(frame)


def _reply(frame: bytes) -> Reply | Damaged:
    match = _FRAME.fullmatch(frame)
    if not match or len(frame) >= MAX_REPLY_BYTES or int(match["crc"], 16) != zlib.crc32(frame[: match.end("words")]):
        return DAMAGED
    tag = match["tag"].decode()
    if match["kind"] == b"ERR":
        word = _ERROR.fullmatch(match["words"])
        return Reply(tag=tag, error=word[1].decode()) if word else DAMAGED
    values = _values(match["words"].split())
    return DAMAGED if values is None else Reply(tag=tag, values=MappingProxyType(values))


def _values(words: list[bytes]) -> dict[str, str] | None:
    """None when a word is no pair, is not UTF-8, encodes what needs none, or a key comes twice."""
    values = {}
    for word in words:
        pair = _PAIR.fullmatch(word)
        if not pair:
            return None
        plain = _ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode()), pair[2])
        if encoded(plain).encode() != pair[2]:
            return None
        try:
            values[pair[1].decode()] = plain.decode()
        except UnicodeDecodeError:
            return None
    return values if len(values) == len(words) else None
