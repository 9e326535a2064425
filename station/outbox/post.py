# SPDX-License-Identifier: GPL-3.0-or-later
"""Each event as one HTTP POST, its id as the Idempotency-Key. Any 2xx: it has it; a 4xx about the event: refused.

What is about the way, the token or the pace is no refusal: a server that lost its token would refuse them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from station.cloud.post import Proving, is_reached, json_headers, post
from station.outbox.event import Event
from station.outbox.receiver import TAKES_S, EventRefused, deaf

NOT_ABOUT_THE_EVENT: Final = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 426, 429, 451})
_DO = "see whether that server runs and is reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostReceiver:
    name: str
    url: str
    token_file: Path | None = None
    proving: Proving | None = None
    since: float | None = None

    def deliver(self, event: Event) -> None:
        headers = {**json_headers(self.token_file), "idempotency-key": event.key}
        done = post(self.url, event.encoded(), headers, within_s=TAKES_S, proving=self.proving)
        if done.status is not None and 400 <= done.status < 500 and done.status not in NOT_ABOUT_THE_EVENT:
            raise EventRefused(done.why)
        if done.why:
            raise deaf(f"{urlsplit(self.url).hostname}: {done.why}", _DO)

    def look(self) -> None:
        """Whether anybody answers there; it is told nothing."""
        if self.proving is not None:
            self.proving.context()
        json_headers(self.token_file)
        if not is_reached(self.url, within_s=TAKES_S):
            raise deaf(f"{urlsplit(self.url).hostname} cannot be reached", _DO)

    def close(self) -> None:
        """Each has its own connection."""
