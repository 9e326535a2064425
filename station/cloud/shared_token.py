# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud's token that several PCs share. Where a new one ends the one before, PCs that each ask for their own would
log each other out for ever.

No clock says when it ends, since those of the PCs differ: the cloud does, which refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from station.model import Secret

Ask = Callable[[], Secret]
Owner = tuple[str, ...]


class TokenPlace(Protocol):
    """Where it is kept for all."""

    def token(self, owner: Owner, ask: Ask, *, refused: Secret | None = None) -> Secret:
        """The one of `owner` (address, account, project) that is kept, unless it is the one `refused`: then, and where
        there is none, what `ask` gets from the cloud, kept for the others. One PC at a time asks."""


class SharedToken:
    """One account's, at a place: to a client as if it were its own."""

    def __init__(self, place: TokenPlace, owner: Owner, ask: Ask) -> None:
        self._place, self._owner, self._ask = place, owner, ask

    def get(self) -> Secret:
        """A token to use now."""
        return self._place.token(self._owner, self._ask)

    def replace(self, refused: Secret) -> Secret:
        """After the cloud refused a token: another PC's newer one, or else a new one."""
        return self._place.token(self._owner, self._ask, refused=refused)
