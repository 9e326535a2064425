# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud's token, one for all benches of a line: sealed in their ledger, asked for by one of them at a time. In the
audit stands who did, never the token.
"""

from __future__ import annotations

import hashlib
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar, runtime_checkable

from station.errors import IntegrityAlarm
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.meta import Facts
from station.model import Secret

_KEY = "cloud token "
_LOOK_S = 0.2
"""Between two looks at what another bench asks for. It lives: what it asks ends by its own time-out."""

Client = TypeVar("Client")


@runtime_checkable
class HasToken(Protocol):
    """A cloud's client, whose account may work with a token."""

    def share_token(self, place: CloudTokens) -> None:
        """From now on it is the one that is kept there."""


class CloudTokens:
    """As `cloud.shared_token.TokenPlace`."""

    def __init__(self, book: Book) -> None:
        self._book, self._facts = book, Facts(book)
        self._asking = threading.Lock()  # of this process: to the server its threads are one

    def lend(self, client: Client) -> Client:
        """The client, which works with the line's token from now on; in a file each PC has its own."""
        if self._book.connection.bench and isinstance(client, HasToken):
            client.share_token(self)
        return client

    def token(self, owner: tuple[str, ...], ask: Callable[[], Secret], *, refused: Secret | None = None) -> Secret:
        key = _KEY + hashlib.sha256("\0".join(owner).encode()).hexdigest()[:16]
        while True:
            if (kept := self._kept(key)) is not None and kept != refused:
                return kept
            with self._asking, self._book.connection.only(key) as ours:
                if ours:
                    return self._renewed(key, ask, refused)
            time.sleep(_LOOK_S)

    def _renewed(self, key: str, ask: Callable[[], Secret], refused: Secret | None) -> Secret:
        """By who alone asks now; somebody may have done so since the last look."""
        if (kept := self._kept(key)) is not None and kept != refused:
            return kept
        token = ask()
        sealed = b64encode(self._book.vault.seal(token, row=key)).decode()
        self._facts.set(key, sealed, event="cloud token renewed", although=Although.NOTED)
        return token

    def _kept(self, key: str) -> Secret | None:
        """None too for one that was sealed before the key was exchanged: another one costs a call."""
        sealed = self._facts.get(key)
        with suppress(IntegrityAlarm, ValueError):
            return self._book.vault.open(b64decode(sealed), row=key) if sealed else None
        return None
