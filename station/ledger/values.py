# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into the ledger and comes out of it, beside the words of `model`. Never a secret, except inside Claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from station.codes import Code, coded
from station.errors import StationError
from station.model import MAX_CHANNELS, Attempt, BoardUid, CertName, Identity, IdentityKind, Provider, State


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchKey:
    """A production batch: `batch_id` = the cloud's batchId = applyId, or the digest of an imported file."""

    provider: Provider
    batch_id: str
    product_key: str
    source: str = "cloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A certificate that two identities of the cloud claim: `holder` has it here, `arrived` came with it too."""

    name: CertName
    holder: CertName
    arrived: CertName


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What receiving a page changed. Counts are of identities (a set counts once)."""

    new: int = 0
    withheld: int = 0  # of the new ones: the cloud gives another status than inactive
    unsaid: int = 0  # of the new ones: the cloud gives no status; READY, or WITHHELD where that was chosen
    unchanged: int = 0
    completed: int = 0  # sets that had fewer cameras when they came first
    dressed: int = 0  # came without their product's secret before, and have it now
    turned_active: int = 0  # were READY here, and the cloud now gives another status than inactive: withheld
    conflicts: tuple[CertName, ...] = ()  # names that came with other content: in dispute
    left_out: tuple[CertName, ...] = ()  # identities, by their primary, that came with a conflict
    shared: tuple[Shared, ...] = ()  # what of the conflicts is in two sets
    disputed: int = 0  # were READY here, and are withheld for it
    on_boards: tuple[CertName, ...] = ()  # of the conflicts: what is held is on a board already
    settled: int = 0  # came again although a person had decided against them

    def __add__(self, other: Receipt) -> Receipt:
        return Receipt(
            new=self.new + other.new,
            withheld=self.withheld + other.withheld,
            unsaid=self.unsaid + other.unsaid,
            unchanged=self.unchanged + other.unchanged,
            completed=self.completed + other.completed,
            dressed=self.dressed + other.dressed,
            turned_active=self.turned_active + other.turned_active,
            conflicts=self.conflicts + other.conflicts,
            left_out=self.left_out + other.left_out,
            shared=self.shared + other.shared,
            disputed=self.disputed + other.disputed,
            on_boards=self.on_boards + other.on_boards,
            settled=self.settled + other.settled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An identity with its secrets, and the attempt that may move it."""

    identity: Identity
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a profile's boards take of the stock of its products and its kind; all else is passed over and waits.

    `channels`: sets of so many cameras, least and most. `product_secret`: only what came with productSecret.
    `short_sets`: an NVR goes out without the cameras that a supervisor has left out. `batches`: only what came with
    these, by `HeldBatches.numbers`; () with any.
    """

    channels: tuple[int, int] = (0, MAX_CHANNELS)
    product_secret: bool = False
    short_sets: bool = False
    batches: tuple[int, ...] = ()


USUAL = Takes()
"""Of a profile that says nothing about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """`quantity`: boards that it is for; 0: as many as come."""

    reference: str
    quantity: int = 0


NO_ORDER = WorkOrder(reference="")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """One line of stock: so many identities, carrying so many certificates."""

    product_key: str
    kind: IdentityKind
    state: State
    identities: int
    certificates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertRow:
    """One certificate as the ledger shows it."""

    identity_id: int
    name: CertName
    channel: int
    kind: IdentityKind
    state: State
    batch_id: str
    attempt: int
    board_uid: BoardUid | None
    changed_at: str
    reason: str
    slot: str = ""  # where its board was last worked on
    set_name: str = ""  # the NVR's deviceName for members of a set
    code: Code | None = None  # of the reason, where it has one

    @property
    def why(self) -> str:
        """Code and reason in one line; "" where there is none."""
        return coded(self.code, self.reason)


class CertColumn(StrEnum):
    """Of certificates, what a list of them is sorted by."""

    NAME = "name"
    STATE = "state"
    BOARD = "board"
    SET = "set"
    BATCH = "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """Texts by their characters, what is empty before all else; equals in the order they arrived, either way round.

    `last`: what the last certificate of the page before showed in this column. It may have moved since.
    """

    by: CertColumn
    backwards: bool = False
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """How far an NVR set is. `missing`: channels not yet consumed (0 = the NVR itself)."""

    nvr: CertName
    size: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One batch; `received` counts certificates in this ledger."""

    key: BatchKey
    total: int | None
    complete: bool
    received: int
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCounts:
    """Of identities; `conflicting` are names in dispute that arrived with the batch."""

    held: int
    withheld: int
    conflicting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of the chain, for people."""

    seq: int
    at: str
    event: str
    actor: str
    identity_id: int | None
    from_state: str
    to_state: str
    attempt: int | None
    board_uid: str
    slot: str
    detail: str
    name: str = ""  # "PRODUCT/DEVICE" of its identity; only in the log


STAY_COLUMNS: Final = (
    *("at", "slot", "board_uid", "outcome", "code", "what", "identity", "attempt", "seconds", "operator", "details"),
    "bench",
)
"""Of a stay's row, behind its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One board's stay in a slot. `seconds` from plug-in to the end; `at` Unix time, when it ended. `number` grows in
    the order of storing, which a clock that is set back does not change; 0 before it is stored. `bench`: on a line its
    number, as it is stored.
    """

    at: float
    slot: str
    outcome: str
    board_uid: BoardUid | None = None
    code: Code | None = None
    what: str = ""
    identity_id: int | None = None
    attempt: int | None = None
    seconds: float = 0.0
    operator: str = ""
    details: dict[str, str] = field(default_factory=dict)
    number: int = 0
    bench: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudRequest:
    """A journalled call that costs money or creates devices."""

    request_id: str
    provider: Provider
    operation: str
    product_key: str
    detail: dict[str, object]
    state: str  # SENT, ANSWERED, REFUSED, UNKNOWN
    batch_id: str = ""
    answer: str = ""
    raw: str = ""  # the beginning of an answer that was not understood
    sent_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """What was found of a line's ledger and its server. `faults`: all that is wrong, each with its code and what to do;
    none: it may be trusted."""

    version: int  # PostgreSQL's, the first number
    role: str  # of the URL
    administers: bool  # whether that role may make schemas: then the guards were held against a schema made anew
    steps: tuple[str, ...]  # that the ledger has run; none: there is no ledger
    benches: tuple[str, ...]  # roles that write to it
    faults: tuple[StationError, ...]
    clock_ahead_s: float  # by how much this PC's clock is before the server's; negative where it is behind
