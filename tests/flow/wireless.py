# SPDX-License-Identifier: GPL-3.0-or-later
"""A board and its target in one, without a wire, that is wrong in the ways a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.model import BoardInfo, BoardUid, Digest, Holding, Identity, Method, Port, ReadBack, Secret, Verdict
from station.profiles.profile import Profile
from station.targets.base import Progress
from station.targets.wire import listen, wire_of
from tests.flow.flow_table import Table

UID = BoardUid("ab00000000000001")
ELSE = Digest("e" * 64)


@dataclass
class Board:
    """A board and its target in one, without a wire. `found`: what the n-th read_back says, the last one from then on;
    None = the truth."""

    info: BoardInfo = field(default_factory=lambda: BoardInfo(uid=UID, chip="c", holding=Holding.BLANK))
    found: list[Callable[[ReadBack], ReadBack] | None] = field(default_factory=lambda: [None])
    room: Callable[[Identity], None] = lambda _identity: None
    held: Identity | None = None
    writes: int = 0
    restarts: int = 0
    closed: int = 0
    instruction: str = ""
    identify_instruction: str = ""
    names_the_board: bool = False

    def check_options(self, options: Mapping[str, object]) -> None:
        """Takes none."""

    def open(self, _port: Port, _profile: Profile, *, label: str | None = None) -> Board:
        return self

    def identify(self) -> BoardInfo:
        return self.info

    def require_room(self, identity: Identity) -> None:
        self.room(identity)

    def board_key(self, kept: Secret | None) -> Secret | None:
        return None

    def write(self, identity: Identity, progress: Progress) -> None:
        progress(1.0)
        self.writes += 1
        self.held = identity

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        progress(1.0)
        digest = self.held.digest() if self.held else None
        if digest is None:
            verdict = Verdict.BLANK
        elif identity is None:
            verdict = Verdict.UNVERIFIABLE
        else:
            verdict = Verdict.EQUAL if digest == identity.digest() else Verdict.DIFFERS
        truth = ReadBack(verdict=verdict, digest=digest, method=Method.READBACK)
        lie = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        return lie(truth) if lie else truth

    def restart(self) -> None:
        self.restarts += 1

    def lock(self, digest: Digest) -> None: ...

    def close(self) -> None:
        self.closed += 1


@dataclass
class Talkative(Board):
    """Its wire carries the secret whenever it is written or compared."""

    def write(self, identity: Identity, progress: Progress) -> None:
        wire_of("1").sent(_said(identity))
        super().write(identity, progress)

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        if identity:
            wire_of("1").heard(_said(identity))
        return super().read_back(identity, progress)


@contextmanager
def heard() -> Iterator[list[str]]:
    """Each line that a `Talkative` one's wire had, as it is kept."""
    lines: list[str] = []
    end = listen(lambda _slot, line: lines.append(line))
    yield lines
    end()


def _said(identity: Identity) -> bytes:
    return f"secret {identity.primary.device_secret.reveal()}\r\n".encode()


def visit(table: Table, board: Board, **profile: object) -> Visit:
    job = Job(
        ledger=table.ledger,
        target=board,
        profile=replace(table.profile, **profile),  # type: ignore[arg-type]
        tell=table.told.append,
    )
    return flash(job, Port(url="-", slot="1"))


def code(ended: Visit) -> str:
    return ended.error.code if ended.error else ""


def unverifiable(truth: ReadBack) -> ReadBack:
    return replace(truth, verdict=Verdict.UNVERIFIABLE)


def differs(truth: ReadBack) -> ReadBack:
    return replace(truth, verdict=Verdict.DIFFERS)


def of_another(truth: ReadBack) -> ReadBack:
    return replace(truth, digest=ELSE)


def without_digest(truth: ReadBack) -> ReadBack:
    return replace(truth, digest=None)
