# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the screens need from the station, and nothing else: the screens hold no logic and no data of their own.

Every method but `subscribe` may take its time (disk, network) and is called off the UI thread. Each may raise
`StationError`; the screen shows its code, what and do. Values are frozen and hold no secret.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from station.codes import Code
from station.desk.info import StationInfo
from station.errors import StationError
from station.events import Notice, SlotEvent, SlotState
from station.model import Holding, Secret, State
from station.rules import Choice, Fate

if TYPE_CHECKING:  # values of rooms that the first paint does without
    from station.cloud.values import ProductState
    from station.desk.orders import Offer, Order
    from station.ledger.disputes import Dispute
    from station.ledger.locks import Lock
    from station.ledger.releasing import Released
    from station.ledger.settling import Settled
    from station.ledger.values import Sort
    from station.report.batch import BatchReport
    from station.report.counters import Counters
    from station.report.handover import Handover
    from station.report.line import LineNumbers
    from station.report.shift import Doubt
    from station.words.past import PastLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A scan that came by another way than the keyboard: a scanner on a serial port."""

    text: str


FeedItem = SlotEvent | Notice | Scanned
Listener = Callable[[FeedItem], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAnswer:
    """What a scan did: an operator's badge (`operator`), a label or a serial number for `slot`, or nothing (`known`
    False); `no_label`, `no_serial` where a slot asks for one.
    """

    known: bool
    operator: str = ""
    slot: str = ""
    no_label: bool = False
    is_serial: bool = False
    no_serial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A supervisor who has given the PIN; passed to what only a supervisor may do, and written in the audit."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """A product of the cloud, of the ledger, or of both. `stock` counts identities by state."""

    product_key: str
    name: str = ""
    state: ProductState | None = None  # None: the cloud did not say
    kind: str = ""
    stock: Mapping[State, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductStock:
    """All that are known; `trouble` is why the cloud could not be asked."""

    rows: tuple[ProductRow, ...] = ()
    trouble: StationError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A production batch and how much of it is here. `rate` rows/s and `seconds_left` while `pulling`. `withheld` and
    `left_out` are of the last pull: not inactive in the cloud; in dispute with what is here, or odd.
    """

    batch_id: str
    product_key: str
    total: int  # 0: not known yet
    pulled: int
    pulling: bool = False
    rate: float = 0.0
    seconds_left: float | None = None
    trouble: Code | None = None  # what stopped it
    lacks: Code | None = None  # why nothing comes at the moment, while `pulling`
    pullable: bool = True  # False: it was registered or imported, nothing more will come from a cloud
    withheld: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """A line of the browser: one identity."""

    name: str
    state: State
    batch: str = ""
    uid: str = ""
    set_name: str = ""  # its NVR, for an NVR and its cameras
    cloud: str = ""  # what its cloud said last, as an event of a history; "" where nobody looked


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A certificate of a set; channel 0 is the NVR."""

    channel: int
    name: str
    state: State
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found: the history of one certificate and its board, or several certificates to choose from,
    which have no lines. `uid` without certificates: a board that was here and got none."""

    certificates: tuple[CertificateRow, ...] = ()
    uid: str = ""
    lines: tuple[PastLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """A slot and the port assigned to it."""

    slot: str
    port: str
    lock: Lock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow:
    """A profile the station may use; `trouble` says why not."""

    name: str
    target: str
    products: tuple[str, ...]
    in_use: bool = False
    trouble: StationError | None = None


class CheckOf(StrEnum):
    """What a dry check looks at, in this order."""

    UID = "uid"
    CHIP = "chip"
    HOLDS = "holds"
    ROOM = "room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of a dry check: what was looked at, or the `error` that ended it. `holding` is what the board carries,
    `detail` its name.
    """

    good: bool
    of: CheckOf | None = None
    detail: str = ""
    holding: Holding | None = None
    error: StationError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotNow:
    """A slot as the ledger knows it: `state` None while nothing of interest came of it in this shift. `at`: Unix time
    of that, 0 where it goes on."""

    slot: str
    state: SlotState | None = None
    code: Code | None = None
    uid: str = ""
    at: float = 0.0


class Wall(Protocol):
    """What every screen of a station reads; nothing here writes."""

    def station(self) -> StationInfo: ...

    def counters(self) -> Counters: ...

    def doubts(self) -> tuple[Doubt, ...]:
        """Oldest first."""


class BenchWall(Wall, Protocol):
    """What the wall board of a bench reads."""

    def slots_now(self) -> tuple[SlotNow, ...]:
        """In the order of the configuration, as of the last `counters`."""


class LineWall(Protocol):
    """What the wall board of a line reads."""

    @property
    def name(self) -> str: ...

    def numbers(self) -> LineNumbers: ...


class Desk(Wall, Protocol):
    """What the operator's and the supervisor's screens do."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Events from now on, from any thread, the present state of each slot first. Returns how to stop them."""

    # the operator
    def confirm(self) -> None:
        """The one confirm key: acknowledges whatever waits for it."""

    def scan(self, text: str) -> ScanAnswer:
        """A badge or a label; anything else is not known and changes nothing."""

    def close(self) -> None:
        """Ends the station; nothing is left in doubt. NeedsPerson while a slot writes."""

    # the supervisor
    def supervisors(self) -> tuple[str, ...]:
        """Those who have a PIN, by name."""

    def unlock(self, pin: Secret, name: str) -> Grant:
        """A grant for the supervisor `name`, or for the only one when it is "". NeedsPerson for a wrong PIN, and for
        any PIN too soon after wrong ones."""

    def products(self) -> ProductStock:
        """Asks the cloud; what the ledger holds is there without it."""

    def batches(self) -> tuple[Batch, ...]: ...

    def offers(self) -> tuple[Offer, ...]:
        """What may be ordered in the clouds of this bench; () where nothing may."""

    def ask_above(self) -> int:
        """A larger amount is typed twice."""

    def check_order(self, order: Order) -> str:
        """The product's name; nothing is sent that costs. StationError for what the cloud would refuse."""

    def place_order(self, name: str, pin: Secret, order: Order) -> tuple[str, ...]:
        """The batches that were made. NeedsPerson for a wrong PIN, and when nobody knows what the cloud did: then
        nothing more is ordered of that product until a person has looked."""

    def start_pull(self, grant: Grant, batch_id: str, product_key: str = "", *, recheck: bool = False) -> None:
        """Starts or resumes in the background and returns at once. `product_key`: of a batch made elsewhere.
        `recheck`: asks about what is here already too."""

    def stop_pull(self, grant: Grant, batch_id: str) -> None:
        """Stops after the page in hand."""

    def batch_report(self, batch_id: str) -> BatchReport:
        """What came of a batch and what became of it."""

    def save_batch(self, batch_id: str) -> str:
        """Its report as text, and its certificates without their secrets as CSV; returns the text's path."""

    def certificates(
        self, state: State | None, behind: str, limit: int, text: str = "", sort: Sort | None = None
    ) -> tuple[CertificateRow, ...]:
        """A page in the order they arrived, or as `sort` has it, behind the one of this name; from the first where it
        is empty. `text`: only those that have it in their name, or whose board's uid begins with it."""

    def members(self, name: str) -> tuple[Member, ...]:
        """The certificates of the set that `name` belongs to; () for a single one."""

    def flash_without(self, grant: Grant, nvr: str, reason: str) -> None:
        """Let this NVR out without its retired cameras. StationError where the profile takes whole sets only."""

    def end_set(self, grant: Grant, nvr: str, reason: str) -> None:
        """Retire it with what of its set is on no board."""

    def search(self, text: str) -> Found:
        """By device name or its beginning, board uid or label."""

    def last_in(self, slot: str) -> tuple[PastLine, ...]:
        """The last boards in a slot, oldest first, also those that never said who they are."""

    def let_back(self, grant: Grant, name: str, reason: str) -> Released:
        """WITHHELD → READY. NeedsPerson for what never comes back, or while the cloud was not asked."""

    def let_batch_back(self, grant: Grant, batch_id: str, reason: str) -> Released:
        """The same for all of a batch that is withheld and may come back."""

    def disputes(self) -> tuple[Dispute, ...]:
        """What two sources say differently, oldest first."""

    def keep(self, grant: Grant, dispute: Dispute, choice: Choice, reason: str) -> Settled:
        """Which of the two is right; the other never reaches a board."""

    def retire(self, grant: Grant, name: str, reason: str) -> None: ...

    def settle(self, grant: Grant, uid: str, fate: Fate, reason: str) -> None:
        """What became of a board that may hold a part of another's identity."""

    def vouch(self, grant: Grant, name: str, reason: str) -> None:
        """The blank board under the label of this one in doubt is that board: it may be written once more."""

    def slots(self) -> tuple[SlotRow, ...]: ...

    def lock_slot(self, grant: Grant, slot: str | None, reason: str) -> None:
        """None is the whole station."""

    def unlock_slot(self, grant: Grant, slot: str | None, reason: str, *, told: Collection[Code]) -> None:
        """None is the whole station, alarms included. What came meanwhile and is not among the codes `told` stays."""

    def hold(self) -> None:
        """Until a `release` for each `hold`, no board is begun; those in hand are finished."""

    def release(self) -> None:
        """The boards that waited are begun."""

    def new_slot(self) -> str:
        """The name of a slot that is to be added: no other has it. ConfigError when none can be."""

    def learn_slot(self, grant: Grant, slot: str, given_up: threading.Event) -> str:
        """Waits for ONE board to be plugged, assigns its port to `slot`, which may be a new one, and returns the port;
        "" once it was `given_up`, be it before the wait began. PortFault when none or more than one comes;
        ConfigError, and nothing is changed, when the port is another slot's, or when it cannot be kept."""

    def profiles(self) -> tuple[ProfileRow, ...]: ...

    def use_profile(self, grant: Grant, name: str) -> None: ...

    def dry_check(self, name: str, by_hand: Callable[[], None], given_up: threading.Event) -> tuple[Check, ...]:
        """Looks with this profile at the first board that is plugged in, or is within half a minute; writes nothing.
        () once it was `given_up`, be it before the wait began. Calls `by_hand` when it waits for a person to switch the
        board off and on."""

    def handover(self) -> Handover: ...

    def hand_over(self, badge: str) -> str:
        """Saves the hand-over as text and JSON, begins a new shift with `badge`; returns the text's path."""
