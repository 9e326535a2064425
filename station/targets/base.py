# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of board offers to `flow`. A target never decides whether to write: it identifies, writes, reads.

Errors every method may raise: `BoardFault` (the board's doing), `PortFault` (the cable's or the PC's doing). After
either one, nobody may assume that nothing was written.

Another package may bring a target: a class as `Target`, named under the entry point group `station.targets`. Its
sessions may inherit from `Session`; ports are opened by `targets.ports`, which keeps their wire; `station.testing` has
the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from station.model import BoardInfo, Digest, Identity, Port, ReadBack, Secret
from station.profiles.profile import Profile

Progress = Callable[[float], None]
"""Called with 0.0 … 1.0 of the present phase; may raise to stop, which counts as a failure at that byte."""


def no_progress(_fraction: float) -> None:
    """For callers that show none."""


class Session(Protocol):
    """An open conversation with the one board at a port. Used by one thread; closed exactly once."""

    instruction: str
    """What a person must do with the board while `restart` waits; empty where nobody is needed."""

    identify_instruction: str
    """The same while `identify` waits: a board that tells its uid only while it starts."""

    names_the_board: bool
    """Each step of a write names the board it is meant for, so that another one at this port keeps no byte of it."""

    def identify(self) -> BoardInfo:
        """Ask again each time: the flow compares the uid before and after. Never writes."""

    def require_room(self, identity: Identity) -> None:
        """BoardFault E205 when this board or layout cannot hold `identity` (lengths, charset, channels, pages)."""

    def board_key(self, kept: Secret | None) -> Secret | None:  # noqa: ARG002 - see its last line
        """What this board's storage is to be encrypted with from now on; None where nothing is.

        `kept`: what the ledger holds for this board, which wins. Otherwise the board's own, or a new one.
        """
        return None

    def write(self, identity: Identity, progress: Progress) -> None:
        """Put `identity` on the board, whole. The first byte may leave as soon as this is called, never before.

        AnotherBoard E209 when another board is found at the port; where boards tell a uid, they are asked before the
        first step and again before the one that carries the secret.
        """

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        """Compare the board with `identity`. With None (its secret is destroyed) only the digest is found."""

    def restart(self) -> None:
        """Reset the board and wait until it answers again, so that what follows reads what survives a power cycle."""

    def lock(self, digest: Digest) -> None:  # noqa: ARG002 - see its last line
        """Where the profile asks for it and such boards can: make what the board holds, which was just proved to be
        `digest`, final, and see that it is. Again is as good as once. BoardFault E216 when the board stays open.
        """
        return

    def close(self) -> None:
        """Release the port; never raises."""
        return


class Target(Protocol):
    """A kind of board."""

    def check_options(self, options: Mapping[str, object]) -> None:
        """ConfigError for a profile's target table that this target cannot use; says which key and why."""

    def open(self, port: Port, profile: Profile, *, label: str | None = None) -> Session:
        """`label`: what was scanned for this board; targets whose boards have no uid need it."""
