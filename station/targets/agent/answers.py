# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent board says to ID and WHO, read strictly. Its text never reaches an error message: it may be secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from station.codes import Code
from station.errors import BoardFault
from station.model import BoardInfo, BoardUid, CertName, Digest, Holding

_HOLDING = {
    "blank": Holding.BLANK,
    "written": Holding.IDENTITY,
    "locked": Holding.IDENTITY,
    "torn": Holding.TORN,
}
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")
_LONGEST = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentId:
    """A board's answer to ID or WHO. `limits`: longest PK, DN, DS, PS in bytes. `transaction`: its txid as long as the
    board has not restarted, empty if there is none; by version 1 only while it is open. `digest`: of what it holds, by
    version 2 only where this session knows it. `window`: bytes it takes before it has answered the first of them.
    """

    protocol: int
    uid: BoardUid
    uid_as_sent: str  # which is what the board proves with
    board: str
    firmware: str
    state: str
    seq: int
    channels: int
    room: int
    limits: tuple[int, int, int, int]
    digest: Digest | None
    transaction: str
    reset: str
    window: int
    name: CertName | None

    @property
    def locked(self) -> bool:
        return self.state == "locked"

    @property
    def holding(self) -> Holding:
        return _HOLDING[self.state]

    def info(self) -> BoardInfo:
        return BoardInfo(
            uid=self.uid,
            chip=self.board,
            holding=self.holding,
            names=(self.name,) if self.name else (),
            digest=self.digest,
            firmware=self.firmware,
            locked=self.locked,
            details={"channels": str(self.channels), "record": str(self.seq), "last reset": self.reset},
        )


def parse_id(values: Mapping[str, str]) -> AgentId:
    """The answer to ID. BoardFault E202 for another protocol version, E208 for one that is not what the page says."""
    _require_version(values, "1")
    holds = _holds(values)
    digest = _text(values, "digest", r"[0-9a-f]{64}" if holds else "-")
    return replace(_board(values, 1, _text(values, "tx", _TXID)), digest=Digest(digest) if holds else None)


def parse_who(values: Mapping[str, str], known: AgentId | None) -> AgentId:
    """The answer to WHO; as `parse_id`. A board that is `known` may leave out what does not change."""
    if known is None or "proto" in values or values.get("uid") != known.uid_as_sent:
        _require_version(values, "2")
        return replace(_board(values, 2, _text(values, "ram", _TXID)), window=_number(values, "window"))
    return replace(
        known,
        state=_text(values, "state", _STATES),
        seq=_number(values, "seq"),
        transaction=_text(values, "ram", _TXID).replace("-", ""),
        reset=_text(values, "reset", r"[a-z]{1,16}"),
    )


_STATES = r"blank|written|locked|torn"
_TXID = r"-|[0-9A-Za-z]{1,16}"


def _require_version(values: Mapping[str, str], version: str) -> None:
    if values.get("proto") != version:
        raise BoardFault(
            "the board's agent speaks another version of the protocol",
            means="nothing was written",
            do="build its firmware from this station's templates, or use the station that belongs to it",
            code=Code.E202,
        )


def _holds(values: Mapping[str, str]) -> bool:
    return _HOLDING[_text(values, "state", _STATES)] is Holding.IDENTITY


def _board(values: Mapping[str, str], protocol: int, transaction: str) -> AgentId:
    """What both versions say alike."""
    return AgentId(
        protocol=protocol,
        uid=_uid(values),
        uid_as_sent=values["uid"],
        board=_text(values, "board", r"[0-9A-Za-z._-]{1,32}"),
        firmware=_text(values, "fw", r"[0-9A-Za-z._-]{1,32}"),
        state=_text(values, "state", _STATES),
        seq=_number(values, "seq"),
        channels=_number(values, "subs", _LONGEST),
        room=_number(values, "maxsubs", _LONGEST),
        limits=(
            _number(values, "maxpk", _LONGEST),
            _number(values, "maxdn", _LONGEST),
            _number(values, "maxds", _LONGEST),
            _number(values, "maxps", _LONGEST),
        ),
        digest=None,
        transaction=transaction.replace("-", ""),
        reset=_text(values, "reset", r"[a-z]{1,16}"),
        window=0,
        name=CertName(_name(values, "pk"), _name(values, "dn")) if _holds(values) else None,
    )


def _garbled(key: str) -> BoardFault:
    return BoardFault(
        f"the board's “{key}” is not what the protocol says",
        means="its firmware is not the agent, or is damaged",
        do="flash the agent firmware again, then try this board again",
        code=Code.E208,
    )


def _text(values: Mapping[str, str], key: str, pattern: str) -> str:
    value = values.get(key, "")
    if not re.fullmatch(pattern, value):
        raise _garbled(key)
    return value


def _number(values: Mapping[str, str], key: str, largest: int = 2**32 - 1) -> int:
    value = values.get(key, "")
    if not _NUMBER.fullmatch(value) or int(value) > largest:
        raise _garbled(key)
    return int(value)


def _uid(values: Mapping[str, str]) -> BoardUid:
    try:
        return BoardUid.parse(_text(values, "uid", r"[0-9a-z._-]{4,64}"))
    except ValueError as error:
        raise BoardFault(
            str(error), means="two such boards could not be told apart", do="red bin", code=Code.E208
        ) from error


def _name(values: Mapping[str, str], key: str) -> str:
    value = values.get(key, "")
    if not value or not value.isprintable() or len(value.encode()) > _LONGEST:
        raise _garbled(key)
    return value
