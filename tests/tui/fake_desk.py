# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk in memory whose events a test scripts. It remembers what the screens asked for, in order, in `done`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from station.cloud.values import ProductState
from station.codes import Blame, Code
from station.desk.desk import (
    Batch,
    CertificateRow,
    Check,
    CheckOf,
    FeedItem,
    Found,
    Grant,
    Listener,
    Member,
    ProductRow,
    ProductStock,
    ProfileRow,
    ScanAnswer,
    SlotNow,
    SlotRow,
)
from station.desk.info import StationInfo
from station.desk.orders import Offer, Order
from station.errors import BoardFault, ConfigError, NeedsPerson, StationError
from station.events import Asks, Notice, Phase, SlotEvent, SlotState
from station.ledger.disputes import Dispute
from station.ledger.locks import Lock
from station.ledger.releasing import Released
from station.ledger.settling import Settled
from station.ledger.values import Sort
from station.model import CertName, Holding, Secret, State
from station.report.batch import BatchReport, OpenReason
from station.report.counters import Counters, SetProgress
from station.report.handover import Handover
from station.report.shift import Doubt
from station.rules import Choice, Fate, Outcome, WayBack
from station.tui.table import CERTIFICATE_COLUMNS, certificate_cells
from station.words.past import PastLine
from tests.waiting import PATIENCE_S

PIN = "2468"
NOW = 1_790_000_000.0
UID = "a4cf12bc00a1"
DOUBT = Doubt(
    name="a1B2c3D4e5F/cam_0007",
    uid=UID,
    slot="3",
    since=NOW - 600,
    attempt=1,
    code=Code.E311,
    reason="the port is gone",
)


DISPUTE = Dispute(
    name=CertName("a1B2c3D4e5F", "cam_0011"),
    content=b"\1",
    state=State.WITHHELD,
    board_uid=None,
    held_with="file-1",
    held_from="october.csv",
    held_since="2026-09-20T06:13:20+00:00",
    arrived_with="file-2",
    arrived_from="october-new.csv",
    arrived_at="2026-09-21T06:13:20+00:00",
    choosable=True,
)


STEPS = ((Phase.IDENTIFY, 0.0), (Phase.RESERVE, 0.4), (Phase.WRITE, 0.5), (Phase.VERIFY, 6.0), (Phase.CONSUME, 9.0))


def a_lock(code: Code, what: str, scope: str = "") -> Lock:
    return Lock(scope=scope, code=code, what=what, since="2026-09-21T06:13:20.000000+00:00")


def _sorted(rows: list[CertificateRow], behind: str, sort: Sort) -> list[CertificateRow]:
    """What comes behind a row of this name that showed `sort.last`."""

    def shown(row: CertificateRow) -> str:
        return certificate_cells(row, row.state)[CERTIFICATE_COLUMNS.index(sort.by)]

    def is_behind(row: CertificateRow) -> bool:
        if shown(row) == sort.last:
            return row.name > behind
        return (shown(row) < sort.last) is sort.backwards

    rows = sorted(rows, key=shown, reverse=sort.backwards)
    return [row for row in rows if is_behind(row)] if behind else rows


@dataclass
class FakeDesk:
    """Behaves like a station with as many slots as asked for."""

    slot_count: int = 8
    operator: str = "1042"
    in_doubt: tuple[Doubt, ...] = ()
    in_dispute: tuple[Dispute, ...] = ()
    figures: Counters = field(
        default_factory=lambda: Counters(
            passed=1234,
            failed=12,
            first_pass=0.987,
            last_hour=312,
            per_hour_shift=298.4,
            ready=8120,
            seconds_left=93_700.0,
            hourly=(120, 260, 301, 310, 280, 312),
            hourly_from=NOW,
            failures=((Code.E204, 7), (Code.E201, 4), (Code.E203, 1)),
            station_faults=((Code.E311, 3), (Code.E320, 1)),
        )
    )
    trouble: StationError | None = None  # raised by everything a person asks for
    cloud_trouble: StationError | None = None
    cloud_hangs: threading.Event | None = None  # until it is set, and longer than a test waits
    unreadable: StationError | None = None  # raised by everything a screen reads by itself
    closing: StationError | None = None
    wire_lines: int = 4  # of the board that said nothing
    slow_s: float = 0.0  # how long every question takes
    lock: Lock | None = None
    switched: threading.Event | None = None  # a dry check waits for a person to switch the board off and on
    done: list[tuple[object, ...]] = field(default_factory=list)
    pulled: int = 3000
    pulling: bool = False
    profile: str = "camera-c3"
    people: tuple[str, ...] = ("Li Wei",)
    states: dict[str, State] = field(default_factory=dict)
    odd_items: int = 0
    plates: tuple[SlotNow, ...] = ()
    members_are: list[State] = field(default_factory=lambda: [State.CONSUMED] * 5)

    def __post_init__(self) -> None:
        self.names = tuple(str(number + 1) for number in range(self.slot_count))
        self.locks: dict[str, Lock] = {}
        self.ports = {name: f"usb-0:2:1.{name}" for name in self.names}
        self._listeners: list[Listener] = []
        self.threads: set[int] = set()
        self.waits: list[threading.Event] = []  # what gives up each wait for a board

    # what a test makes happen

    def emit(self, item: FeedItem) -> None:
        for listener in self._listeners:
            listener(item)

    def slot(self, slot: str, state: SlotState, **values: object) -> None:
        event = SlotEvent(slot=slot, at=time.time(), state=state)
        self.emit(replace(event, **values))  # type: ignore[arg-type]

    def notice(self, code: Code, what: str = "", *, serious: bool = False) -> None:
        self.emit(Notice(at=time.time(), code=code, what=what, serious=serious))

    def all_states(self) -> None:
        """One slot in each state."""
        board = {"uid": UID, "device_name": "cam_0007", "product_key": "a1B2c3D4e5F"}
        for name, (state, values) in zip(
            self.names,
            (
                (SlotState.EMPTY, {}),
                (SlotState.READY, {**board, "what": "scan its label", "asks": Asks.LABEL}),
                (SlotState.BUSY, {**board, "phase": Phase.WRITE, "percent": 45}),
                (SlotState.PASS, board),
                (SlotState.FAIL, {**board, "code": Code.E204, "blame": Blame.BOARD}),
                (SlotState.ALREADY_DONE, board),
                (SlotState.IN_DOUBT, {**board, "code": Code.E601}),
                (SlotState.LOCKED, {"code": Code.E602}),
                (SlotState.WAITING, {**board, "code": Code.E311, "blame": Blame.STATION}),
                (SlotState.NO_STOCK, {**board, "code": Code.E500, "blame": Blame.STATION}),
            ),
            strict=False,
        ):
            self.slot(name, state, **values)  # type: ignore[arg-type]

    # what the screens ask

    def _asked(self, *what: object) -> None:
        self.threads.add(threading.get_ident())
        self.done.append(what)
        if self.slow_s:
            time.sleep(self.slow_s)
        if self.trouble:
            raise self.trouble

    def _read(self) -> None:
        self.threads.add(threading.get_ident())
        if self.slow_s:
            time.sleep(self.slow_s)
        if self.unreadable:
            raise self.unreadable

    def station(self) -> StationInfo:
        self._read()
        return StationInfo(
            name="LINE-3",
            slots=self.names,
            profile=self.profile,
            product="a1B2c3D4e5F",
            operator=self.operator,
            shift_started=NOW,
            lock=self.lock,
        )

    def counters(self) -> Counters:
        self._read()
        kept = sum(doubt.is_kept for doubt in self.in_doubt)
        return replace(self.figures, in_doubt=len(self.in_doubt), in_red_bin=kept)

    def doubts(self) -> tuple[Doubt, ...]:
        self._read()
        return self.in_doubt

    def slots_now(self) -> tuple[SlotNow, ...]:
        self._read()
        return self.plates

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def confirm(self) -> None:
        self._asked("confirm")

    def scan(self, text: str) -> ScanAnswer:
        self._asked("scan", text)
        if text.startswith("OP"):
            self.operator = text[2:]
            return ScanAnswer(known=True, operator=self.operator)
        known = text.startswith("SN")
        return ScanAnswer(known=known, slot="2" if known else "", no_label=text.startswith("]"))

    def close(self) -> None:
        self._asked("close")
        if self.closing:
            raise self.closing

    def supervisors(self) -> tuple[str, ...]:
        self._read()
        return self.people

    def unlock(self, pin: Secret, name: str) -> Grant:
        self._asked("unlock", name)
        if pin != Secret(PIN):
            raise NeedsPerson("wrong PIN", do="try again", code=Code.E605)
        return Grant(name=name or self.people[0])

    def batches(self) -> tuple[Batch, ...]:
        self._read()
        if self.pulling:
            self.pulled = min(10_000, self.pulled + 500)
        return (
            Batch(
                batch_id="1208441",
                product_key="a1B2c3D4e5F",
                total=10_000,
                pulled=self.pulled,
                pulling=self.pulling,
                rate=820.0,
                seconds_left=(10_000 - self.pulled) / 820,
            ),
            Batch(batch_id="1208442", product_key="a1NVRxxxxxx", total=500, pulled=500, withheld=12, left_out=1),
            Batch(batch_id="file-77", product_key="a1B2c3D4e5F", total=20, pulled=20, pullable=False),
            Batch(batch_id="1208443", product_key="a1NVRxxxxxx", total=0, pulled=0, trouble=Code.E401),
        )

    def products(self) -> ProductStock:
        self._asked("products")
        if self.cloud_hangs:
            self.cloud_hangs.wait(2 * PATIENCE_S)
        rows = (
            ProductRow(
                product_key="a1B2c3D4e5F",
                name="Camera",
                state=ProductState.PUBLISHED,
                kind="NET_WIFI",
                stock={State.READY: 8120, State.CONSUMED: 1246, State.IN_DOUBT: len(self.in_doubt)},
            ),
            ProductRow(product_key="a1NVRxxxxxx", name="NVR", state=ProductState.DEVELOPING, kind="NVR"),
        )
        return ProductStock(rows=rows, trouble=self.cloud_trouble)

    def batch_report(self, batch_id: str) -> BatchReport:
        self._asked("batch_report", batch_id)
        return BatchReport(
            batch_id=batch_id,
            product_key="a1B2c3D4e5F",
            received=10_000,
            complete=True,
            total=10_000,
            held=10_000,
            withheld=0,
            conflicting=0,
            odd=self.odd_items,
            registered=bool(self.odd_items),
            states={State.READY: 8748, State.IN_DOUBT: 3, State.CONSUMED: 1249},
            boards=1249,
            attempts_over_one=17,
            first="2026-09-21T06:00:00.000000+00:00",
            last="2026-09-21T14:00:00.000000+00:00",
            open_reasons=(
                OpenReason(code=Code.E204, reason="the board does not hold what was written", certificates=3),
            ),
            audit_head="9f2c4d5e6a7b8c90",
        )

    def save_batch(self, batch_id: str) -> str:
        self._asked("save_batch", batch_id)
        return "/var/lib/station/batch-20260922.txt"

    def offers(self) -> tuple[Offer, ...]:
        return ()

    def ask_above(self) -> int:
        raise AssertionError("nothing is offered here")

    def check_order(self, order: Order) -> str:
        raise AssertionError("nothing is offered here")

    def place_order(self, name: str, pin: Secret, order: Order) -> tuple[str, ...]:
        raise AssertionError("nothing is offered here")

    def start_pull(self, grant: Grant, batch_id: str, product_key: str = "", *, recheck: bool = False) -> None:
        self._asked("start_pull", grant.name, batch_id, product_key, *(["recheck"] if recheck else []))
        self.pulling = True

    def stop_pull(self, grant: Grant, batch_id: str) -> None:
        self._asked("stop_pull", grant.name, batch_id)
        self.pulling = False

    def certificates(
        self, state: State | None, behind: str, limit: int, text: str = "", sort: Sort | None = None
    ) -> tuple[CertificateRow, ...]:
        self._read()
        self.done.append(("certificates", state, behind))
        rows = [row for row in map(self._row, range(250)) if state in (None, row.state) and text in row.name]
        if sort:
            return tuple(_sorted(rows, behind, sort)[:limit])
        return tuple([row for row in rows if row.name > behind][:limit])

    def _row(self, number: int) -> CertificateRow:
        name = f"a1B2c3D4e5F/cam_{number:04}"
        usual = State.CONSUMED if number < 120 else State.READY
        if number % 50 == 0:
            return CertificateRow(
                name=f"a1B2c3D4e5F/cam_{number:04}", state=usual, batch="1208442", uid=UID, set_name="cam_0000"
            )
        state = self.states.get(name, usual)
        return CertificateRow(name=name, state=state, batch="1208441", uid=UID if state is State.CONSUMED else "")

    def members(self, name: str) -> tuple[Member, ...]:
        self._read()
        return tuple(
            Member(channel=n, name=name if n == 0 else f"a1IPC/ipc_{n:03}", state=self.members_are[n], uid=UID)
            for n in range(5)
        )

    def search(self, text: str) -> Found:
        self._asked("search", text)
        if text == "cam":
            return Found(certificates=tuple(self._row(number) for number in (7, 8, 130)))
        if "cam_" not in text and text != UID:
            return Found()
        name = text if "/" in text else "a1B2c3D4e5F/cam_0007"
        board: dict[str, Any] = {"who": "LINE-3/1042", "slot": "3", "uid": UID, "certificate": name}
        ready, reserved, writing, doubt, consumed = (
            State.READY,
            State.RESERVED,
            State.WRITING,
            State.IN_DOUBT,
            State.CONSUMED,
        )
        cut = (("code", "E311"), ("why", "the port is gone"))
        lines = (
            PastLine(at=NOW - 70, event="reserved", before=ready, after=reserved, attempt=1, **board),
            PastLine(at=NOW - 69, event="writing", before=reserved, after=writing, attempt=1, **board),
            PastLine(at=NOW - 68, event="in doubt", before=writing, after=doubt, attempt=1, details=cut, **board),
            PastLine(at=NOW - 60, event="writing again", before=doubt, after=writing, attempt=2, **board),
            PastLine(at=NOW - 52, event="consumed", before=writing, after=consumed, attempt=2, **board),
            PastLine(at=NOW - 51, outcome=Outcome.PASS, seconds=9.04, steps=STEPS, **board | {"who": "1042"}),
        )
        row = CertificateRow(name=name, state=self.states.get(name, consumed), batch="1208441", uid=UID)
        return Found(certificates=(row,), uid=UID, lines=lines)

    def last_in(self, slot: str) -> tuple[PastLine, ...]:
        self._asked("last_in", slot)
        silent = (("code", "E203"), ("why", "no answer"))
        wire = tuple((NOW - 30 + n / 100, f"{'→←'[n % 2]} line {n}") for n in range(self.wire_lines))
        ended: dict[str, Any] = {"who": "1042", "slot": slot, "seconds": 9.04}
        passed = PastLine(at=NOW - 51, outcome=Outcome.PASS, certificate="a1/cam", steps=STEPS, **ended)
        failed = PastLine(at=NOW - 20, outcome=Outcome.FAIL, details=silent, wire=wire, **ended)
        return passed, failed

    def let_back(self, grant: Grant, name: str, reason: str) -> Released:
        self._asked("let_back", grant.name, name, reason)
        self.states[name] = State.READY
        return Released(back=1)

    def let_batch_back(self, grant: Grant, batch_id: str, reason: str) -> Released:
        self._asked("let_batch_back", grant.name, batch_id, reason)
        return Released(back=3, stay={WayBack.IN_USE: 2})

    def disputes(self) -> tuple[Dispute, ...]:
        self._read()
        return self.in_dispute

    def keep(self, grant: Grant, dispute: Dispute, choice: Choice, reason: str) -> Settled:
        self._asked("keep", grant.name, str(dispute.name), choice, reason)
        self.in_dispute = tuple(one for one in self.in_dispute if one != dispute)
        return Settled(name=dispute.name)

    def flash_without(self, grant: Grant, nvr: str, reason: str) -> None:
        self._asked("flash_without", grant.name, nvr, reason)

    def end_set(self, grant: Grant, nvr: str, reason: str) -> None:
        self._asked("end_set", grant.name, nvr, reason)

    def retire(self, grant: Grant, name: str, reason: str) -> None:
        self._asked("retire", grant.name, name, reason)
        self.states[name] = State.RETIRED
        self.in_doubt = tuple(doubt for doubt in self.in_doubt if doubt.name != name)

    def settle(self, grant: Grant, uid: str, fate: Fate, reason: str) -> None:
        self._asked("settle", grant.name, uid, fate, reason)
        self.in_doubt = tuple(replace(d, waits_for="") if d.waits_for == uid else d for d in self.in_doubt)

    def vouch(self, grant: Grant, name: str, reason: str) -> None:
        self._asked("vouch", grant.name, name, reason)

    def slots(self) -> tuple[SlotRow, ...]:
        self._read()
        return tuple(SlotRow(slot=n, port=self.ports[n], lock=self.locks.get(n)) for n in self.names)

    def lock_slot(self, grant: Grant, slot: str | None, reason: str) -> None:
        self._asked("lock", grant.name, slot, reason)
        lock = a_lock(Code.E608, f"{grant.name}: {reason}", slot or "")
        if slot is None:
            self.lock = lock
        else:
            self.locks[slot] = lock
            self.slot(slot, SlotState.LOCKED, code=Code.E608)

    def unlock_slot(self, grant: Grant, slot: str | None, reason: str, *, told: Collection[Code]) -> None:
        self._asked("unlock_slot", grant.name, slot, reason)
        stands = self.lock if slot is None else self.locks[slot]
        if stands is not None and stands.code not in told:
            raise ConfigError(f"locked by {stands.code} since", do="station status", code=Code.E116)
        if slot is None:
            self.lock = None
        else:
            del self.locks[slot]
            self.slot(slot, SlotState.EMPTY)

    def new_slot(self) -> str:
        self._asked("new_slot")
        if len(self.ports) >= 16:
            raise ConfigError("a bench has at most 16 slots", do="learn one of them anew", code=Code.E115)
        return str(len(self.ports) + 1)

    def learn_slot(self, grant: Grant, slot: str, given_up: threading.Event) -> str:
        self.waits.append(given_up)
        self._asked("learn", grant.name, slot)
        self.ports[slot] = "usb-0:9:1.0"
        self.names = tuple(self.ports)
        return self.ports[slot]

    def hold(self) -> None:
        self.threads.add(threading.get_ident())
        self.done.append(("hold",))

    def release(self) -> None:
        self.threads.add(threading.get_ident())
        self.done.append(("release",))

    def profiles(self) -> tuple[ProfileRow, ...]:
        self._read()
        return tuple(
            ProfileRow(name=name, target=target, products=("a1B2c3D4e5F",), in_use=name == self.profile)
            for name, target in (("camera-c3", "agent"), ("camera-esp", "esp-nvs"), ("nvr-16", "agent"))
        )

    def use_profile(self, grant: Grant, name: str) -> None:
        self._asked("use_profile", grant.name, name)
        self.profile = name

    def dry_check(self, name: str, by_hand: Callable[[], None], given_up: threading.Event) -> tuple[Check, ...]:
        self.waits.append(given_up)
        self._asked("dry_check", name)
        if self.switched is not None:
            by_hand()
            assert self.switched.wait(PATIENCE_S)
        return (
            Check(of=CheckOf.CHIP, good=True, detail="esp32c3"),
            Check(of=CheckOf.HOLDS, good=True, holding=Holding.BLANK),
            Check(
                good=False,
                error=BoardFault("there is no partition fctry", do="choose the right profile", code=Code.E202),
            ),
        )

    def handover(self) -> Handover:
        self._read()
        return Handover(
            operator=self.operator,
            started=NOW,
            counters=self.counters(),
            stock={State.READY: 8120, State.CONSUMED: 1246, State.IN_DOUBT: len(self.in_doubt), State.RETIRED: 3},
            doubts=self.in_doubt,
            audit_head="9f2c4d5e6a7b8c90",
        )

    def hand_over(self, badge: str) -> str:
        self._asked("hand_over", badge)
        self.operator = badge
        return "/var/lib/station/handover-20260922.txt"

    def nvr_set(self, done: int, total: int) -> None:
        self.figures = replace(self.figures, current_set=SetProgress(name="nvr_0001", done=done, total=total))
