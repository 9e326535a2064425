# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process of the station knows of its own attempts and the ledger may not: steps that nobody could say were
kept, and ends that the disk did not let it write down. `recover` makes good for them, also while the process lives.

In memory alone: of a process that died, all that it had in hand is put right anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.values import Claim
from station.model import Attempt

_UNSURE = (Code.E320, Code.E329)
"""After these nobody may be able to say whether a step was kept."""

Token = tuple[int, int, str]
"""Identity, attempt and slot: the number of a reservation that was lost is given out again, maybe in another slot."""


class Unwritten:
    """`left` and `unsure` as `leftovers.Left`; for the latter, reservations, no board waits."""

    def __init__(self) -> None:
        self.left: dict[Token, str] = {}
        self.unsure: dict[Token, str] = {}

    @contextmanager
    def reserving(self, claims: Sequence[Claim]) -> Iterator[None]:
        """`claims`: those that the block has come to at its end."""
        try:
            yield
        except LedgerFault as fault:
            if fault.code in _UNSURE:
                self.unsure |= {_token(claim.attempt): "" for claim in claims}
            raise

    def reserved(self, claim: Claim) -> Claim:
        """Inside its transaction. Where an earlier try came to the same attempt it was not kept, and this one is
        nobody's to give up."""
        for of_before in (self.unsure, self.left):
            of_before.pop(_token(claim.attempt), None)
        return claim

    @contextmanager
    def beginning(self, attempt: Attempt) -> Iterator[None]:
        """Where nobody could say whether WRITING was kept, no byte leaves."""
        try:
            yield
            self.left.pop(_token(attempt), None)  # an earlier try that was not kept
        except LedgerFault as fault:
            if fault.code in _UNSURE:
                self.left[_token(attempt)] = ""
            raise

    @contextmanager
    def ending(self, attempt: Attempt, stranger: str) -> Iterator[None]:
        """It stays given up where the block does not come to its end."""
        self.left[_token(attempt)] = stranger
        yield
        del self.left[_token(attempt)]

    def put_right(self, tokens: Iterable[Token]) -> None:
        """Reservations that the ledger knows by now; another slot may have done the same."""
        for token in tokens:
            self.unsure.pop(token, None)


def _token(attempt: Attempt) -> Token:
    return attempt.identity_id, attempt.number, attempt.slot
