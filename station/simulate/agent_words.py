# SPDX-License-Identifier: GPL-3.0-or-later
"""Words and values of the agent protocol as the simulated board understands them; written from the page alone."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

from station.simulate.agent_store import Fields

_VALUE = re.compile(rb"(?:[A-Za-z0-9._:-]|%[0-9A-F]{2})+")
LIMITS = {"PK": 36, "DN": 128, "DS": 64, "PS": 64}
DIGEST = re.compile(rb"[0-9a-f]{64}")
TOKEN = re.compile(rb"[0-9a-f]{32}")
NUMBER = re.compile(rb"0|[1-9][0-9]{0,2}")


class ErrWord(Exception):
    """An ERR answer; its text is the word."""


@dataclass(slots=True)
class OpenTransaction:
    txid: str
    channels: int
    replaces: bool
    key: str = ""
    fields: dict[tuple[int, str], bytes] = field(default_factory=dict)


ARGUMENTS = {b"BEGIN": (2, 4), b"PUT": (3,), b"COMMIT": (1,), b"GET": (2,), b"PROVE": (2,)}
ARGUMENTS |= {b"WHO": (0, 1), b"OPEN": (4, 5), b"SET": (3,), b"KEEP": (2,), b"SHOW": (2,), b"SAME": (1,)}
ARGUMENTS |= {b"SEAL": (2,), b"BOOT": (1,)}


def well_formed(verb: bytes, arguments: list[bytes]) -> list[bytes]:
    require(len(arguments) in ARGUMENTS.get(verb, (0,)))
    return arguments


def require(condition: object, word: str = "ARGS") -> None:
    if not condition:
        raise ErrWord(word)


def quoted(value: bytes) -> str:
    return quote_from_bytes(value, safe=":").replace("~", "%7E")


def decoded(value: bytes) -> bytes:
    require(_VALUE.fullmatch(value))
    plain = re.sub(rb"%(..)", lambda escape: bytes.fromhex(escape[1].decode()), value)
    require(quoted(plain) == value.decode() and b"\0" not in plain)
    try:
        plain.decode()
    except UnicodeDecodeError:
        raise ErrWord("ARGS") from None
    return plain


def set_field(transaction: OpenTransaction, channel: int, name: str, value: bytes) -> None:
    """One field of a SET, unless it is left out. "=" is the productKey of the channel before."""
    if not value:
        return
    if (name, value) == ("PK", b"="):
        plain = transaction.fields.get((channel - 1, "PK"), b"")
        require(plain)
    else:
        plain = decoded(value)
    require(len(plain) <= LIMITS[name], "LENGTH")
    transaction.fields[channel, name] = plain


def certificates_of(transaction: OpenTransaction) -> list[Fields]:
    found = []
    for channel in range(transaction.channels + 1):
        values = {name: transaction.fields.get((channel, name), b"") for name in LIMITS}
        if not (values["PK"] and values["DN"] and (values["DS"] or values["PS"])):
            raise ErrWord("MISSING")
        found.append({name.lower(): value.decode("utf-8", "surrogateescape") for name, value in values.items()})
    return found


def digest_of(certificates: list[Fields]) -> str:
    return hashlib.sha256(b"station-identity-1\x00" + packed(certificates)).hexdigest()


def packed(certificates: list[Fields]) -> bytes:
    whole = bytes([len(certificates) - 1])
    for certificate in certificates:
        for name in ("pk", "dn", "ds", "ps"):
            value = certificate[name].encode("utf-8", "surrogateescape")
            whole += bytes([len(value)]) + value
    return whole
