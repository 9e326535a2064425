# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is told of a bench's boards outside its screen: the andon as things happen, the outbox of what has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from station.andon.andon import SILENT, Andon, Hear
from station.bench.logged import logged
from station.config.settings import Config
from station.events import Notice
from station.ledger.view import View
from station.log.log import said_to
from station.outbox.outbox import NO_RECEIVERS, Outbox
from station.targets.slots import SlotSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    andon: Andon = SILENT
    outbox: Outbox = NO_RECEIVERS

    @contextmanager
    def told(self, say: Callable[[Notice], None], ledger: View) -> Iterator[Hear]:
        """Inside, what is heard is told. `say` is told of what does not work, from other threads."""
        heard = logged(say)
        with said_to(say), self.outbox.sending(heard, ledger), self.andon.sounding(heard, ledger) as hear:
            yield hear


NOBODY: Audience = Audience()


def audience_of(config: Config, slots: Sequence[SlotSpec]) -> Audience:
    """Of the configuration; `slots`: those of a run, beside the configured ones. ConfigError E110."""
    return Audience(
        andon=_andon(config, slots) if config.andon else SILENT,
        outbox=_outbox(config) if config.outbox else NO_RECEIVERS,
    )


def _andon(config: Config, slots: Sequence[SlotSpec]) -> Andon:
    from station.andon.reading import andon_of  # noqa: PLC0415 - 50 ms of HTTP, which most benches tell nobody by

    return andon_of(config, slots)


def _outbox(config: Config) -> Outbox:
    from station.outbox.reading import outbox_of  # noqa: PLC0415 - likewise

    return outbox_of(config)
