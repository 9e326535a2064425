# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger, simulated agent boards on real ptys, and a job: everything one board's flow needs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, CertName, Identity, IdentityKind, Port, Provider, Secret, State
from station.profiles.profile import Profile
from station.simulate.agent_board import Misbehaviour, SimulatedAgentBoard, read_identity
from station.targets import get_target

PRODUCT = "a1Camera"

PATIENT = {"answer_s": 2.0, "restart_s": 5.0}
"""On a busy machine an answer that comes too late is another end than the one that the test is about."""

HASTY = {"answer_s": 0.2, "restart_s": 1.5}
"""For boards that fall silent."""


def certificate(name: str, product: str = PRODUCT, product_secret: str = "") -> Certificate:
    return Certificate(
        product_key=product,
        device_name=name,
        device_secret=Secret(f"Secret{name}"),
        product_secret=Secret(product_secret) if product_secret else None,
    )


@dataclass
class Table:
    """The test's bench: boards by uid, one ledger."""

    ledger: Ledger
    folder: Path
    profile: Profile
    stack: ExitStack
    told: list[Visit] = field(default_factory=list)

    def stock_up(self, *names: str, product_secret: str = "") -> None:
        batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
        self.ledger.receive(batch, [Identity(primary=certificate(n, PRODUCT, product_secret)) for n in names])

    def stock_set(self, name: str, cameras: int) -> None:
        channels = tuple(certificate(f"{name}-{n}", "a1Ipc") for n in range(1, cameras + 1))
        nvr = Identity(primary=certificate(name), channels=channels, kind=IdentityKind.SET)
        self.ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="2", product_key=PRODUCT), [nvr])

    def board(self, number: int, *, store: int | None = None, **faults: Any) -> SimulatedAgentBoard:
        """The board `number`, plugged in; `store`: with the flash of another one (a clone)."""
        path = self.folder / f"{number if store is None else store}.flash"
        board = SimulatedAgentBoard(f"ab{number:014x}", path, faults=Misbehaviour(**faults))
        self.stack.enter_context(board)
        return board

    def flash(
        self, board: SimulatedAgentBoard, *, slot: str = "1", label: str | None = None, serial: str = "", **job: Any
    ) -> Visit:
        work = Job(
            ledger=self.ledger,
            target=get_target("agent"),
            profile=job.pop("profile", self.profile),
            tell=job.pop("tell", self.told.append),
            **job,
        )
        return flash(work, Port(url=board.url, slot=slot), label=label, serial=serial)

    def state(self, name: str) -> State:
        known = self.ledger.named(CertName(PRODUCT, name))
        assert known is not None
        return known.state

    def holds(self, number: int) -> list[str]:
        """deviceNames in the board's own storage."""
        path = self.folder / f"{number}.flash"
        return [c.device_name for c in (read_identity(path) if path.exists() else None) or []]
