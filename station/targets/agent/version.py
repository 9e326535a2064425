# SPDX-License-Identifier: GPL-3.0-or-later
"""What both versions of the protocol do for a session, each in its own words, with the board that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from station.model import Digest, Identity, ReadBack
from station.targets.agent.answers import AgentId
from station.targets.base import Progress


@dataclass(frozen=True, slots=True)
class Transferred:
    """One transaction. `error`: the ERR word to `verb`, empty when the board has it all. `board`: as known now."""

    verb: str
    error: str
    board: AgentId


class Version(Protocol):
    """Each step that sends or believes something is for the one board. AnotherBoard E209 where another one is there."""

    def holds(self, board: AgentId, identity: Identity) -> bool:
        """Whether `board`, the same one as it is now, has `identity` already."""

    def is_changed(self, now: AgentId, identity: Identity) -> bool:
        """Whether it holds neither what it did when it was looked at nor `identity`."""

    def transfer(self, identity: Identity, key: str, progress: Progress) -> Transferred:
        """`key`: kept with it, where the version does that; 24 hex digits."""

    def read_back(self, identity: Identity, progress: Progress) -> tuple[ReadBack, AgentId]:
        """What it holds, compared with `identity`, and the board as it is known now."""

    def digest(self, board: AgentId, key: str) -> Digest | None:
        """Of what it holds now; None where it does not tell it. `key`: what was kept with it, empty if unknown."""

    def mark(self) -> str:
        """A txid that its RAM holds until it restarts; empty where it takes none."""

    def reset_words(self) -> tuple[str, ...]:
        """The command that restarts it."""

    def lock(self, digest: Digest) -> None:
        """Until it is locked for good and has proved it; only while it holds `digest`."""
