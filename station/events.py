# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bench tells its listeners: frozen values that may cross threads and become JSON lines. No secret in any."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter

from station.codes import Blame, Code
from station.rules import Outcome

SCHEMA = 1


class SlotState(StrEnum):
    """The large word on a slot's tile."""

    EMPTY = "EMPTY"
    READY = "READY"  # a board is there and is about to begin, or its label is asked for
    WAITING = "WAITING"  # a board is there, and something that is not its fault keeps it waiting
    NO_STOCK = "NO_STOCK"  # a board is there, and no identity is left for it
    BUSY = "BUSY"
    PASS = "PASS"  # noqa: S105 - the word on the tile
    FAIL = "FAIL"
    ALREADY_DONE = "ALREADY_DONE"
    IN_DOUBT = "IN_DOUBT"
    LOCKED = "LOCKED"


STATE_AFTER = {
    Outcome.PASS: SlotState.PASS,
    Outcome.FAIL: SlotState.FAIL,
    Outcome.ALREADY_DONE: SlotState.ALREADY_DONE,
    Outcome.IN_DOUBT: SlotState.IN_DOUBT,
    Outcome.STATION_FAULT: SlotState.WAITING,  # the board is not to blame
    Outcome.ALARM: SlotState.LOCKED,
    Outcome.WRONG_LABEL: SlotState.READY,
    Outcome.REMOVED: SlotState.EMPTY,
}
"""What a slot is in after a board's stay, as long as the board is there."""


class Asks(StrEnum):
    """What a tile asks a person to scan."""

    LABEL = "label"
    SERIAL = "serial"
    PRINTED = "printed"  # the label that was printed for the board that was just done


class Phase(StrEnum):
    """What a busy slot is doing; `flow` goes through them in this order."""

    IDENTIFY = "identify"
    RESERVE = "reserve"
    WRITE = "write"
    VERIFY = "verify"
    RESTART = "restart"
    VERIFY_AGAIN = "verify-again"
    CONSUME = "consume"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEvent:
    """A slot's tile as of now: whoever gets the last one knows all. `at` is Unix time, seconds."""

    slot: str
    at: float
    state: SlotState
    visit: str = ""  # its board's, see `visiting`
    phase: Phase | None = None
    percent: int = 0  # of the whole attempt, 0..100
    uid: str = ""
    product_key: str = ""
    device_name: str = ""
    attempt: int = 0
    code: Code | None = None
    what: str = ""
    do: str = ""  # while BUSY: what the board waits for a person to do
    blame: Blame | None = None
    channels: int = 0  # NVR set: IPC certificates on this board
    set_name: str = ""  # NVR member: the NVR's deviceName
    channel: int | None = None  # NVR member: which (0 = the NVR itself)
    set_missing: int = 0  # NVR member: members still to flash
    serial: str = ""  # the board's product serial number, where the profile asks for one
    doubt: str = ""  # while LOCKED: the uid of the board in doubt that was in it last
    asks: Asks | None = None  # the next scan is this slot's
    seconds: float = 0.0  # since plug-in, on final states

    def says_the_same(self, other: SlotEvent) -> bool:
        """All but the time."""
        return self is other or _said(self) == _said(other)


_said = attrgetter(*(field.name for field in fields(SlotEvent) if field.name != "at"))
"""Asked of all tiles many times a board: an event made anew to compare takes ten times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about the station as a whole: lock-out, cloud down, stock low, an alarm; or about one slot."""

    at: float
    code: Code
    what: str
    do: str = ""
    serious: bool = False
    slot: str = ""  # the one it is about; its tile says the same


Event = SlotEvent | Notice


def moment(at: float) -> str:
    """A Unix time as all JSON has it: ISO 8601, UTC, milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def to_json(event: Event, bench: str) -> dict[str, object]:
    """A JSON line's content: `schema`, `event` ("slot" or "notice"), `time`, `bench` and the set fields."""
    kind = "slot" if isinstance(event, SlotEvent) else "notice"
    values = {f.name: getattr(event, f.name) for f in fields(event)}
    envelope = {"schema": SCHEMA, "event": kind, "time": moment(event.at), "bench": bench}
    return envelope | {k: v for k, v in values.items() if v not in ("", None)}
