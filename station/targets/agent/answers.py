# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent board says to ID, read strictly. Its text never reaches an error message: it might be a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

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
    """A board's answer to ID. `limits`: longest PK, DN, DS, PS in bytes. `open_transaction`: empty if there is none."""

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
    open_transaction: str
    reset: str
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
    """BoardFault E202 for another protocol version, E208 for an answer that is not what the protocol says."""
    if values.get("proto") != "1":
        raise BoardFault(
            "the board's agent speaks another version of the protocol",
            means="nothing was written",
            do="build its firmware from this station's templates, or use the station that belongs to it",
            code=Code.E202,
        )
    state = _text(values, "state", r"blank|written|locked|torn")
    holds = _HOLDING[state] is Holding.IDENTITY
    digest = _text(values, "digest", r"[0-9a-f]{64}" if holds else "-")
    return AgentId(
        uid=_uid(values),
        uid_as_sent=values["uid"],
        board=_text(values, "board", r"[0-9A-Za-z._-]{1,32}"),
        firmware=_text(values, "fw", r"[0-9A-Za-z._-]{1,32}"),
        state=state,
        seq=_number(values, "seq"),
        channels=_number(values, "subs", _LONGEST),
        room=_number(values, "maxsubs", _LONGEST),
        limits=(
            _number(values, "maxpk", _LONGEST),
            _number(values, "maxdn", _LONGEST),
            _number(values, "maxds", _LONGEST),
            _number(values, "maxps", _LONGEST),
        ),
        digest=Digest(digest) if holds else None,
        open_transaction=_text(values, "tx", r"-|[0-9A-Za-z]{1,16}").replace("-", ""),
        reset=_text(values, "reset", r"[a-z]{1,16}"),
        name=CertName(_name(values, "pk"), _name(values, "dn")) if holds else None,
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
