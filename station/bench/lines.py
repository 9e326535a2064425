# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as lines, for a run that nobody watches on a screen: JSON on stdout is data, text on stderr is talk."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from station.bench.outlet import Outlet
from station.events import SCHEMA, Event, Notice, SlotEvent, moment, to_json
from station.printable import printable


class Stream(StrEnum):
    """What goes to stdout as JSON, beside the summary."""

    ALL = "all"  # each tile as it changes, and notices
    RESULTS = "results"  # one line for each stay, as the outbox tells it; notices are talk


class Phrasing(Protocol):
    """A run in words."""

    def event(self, event: Event, /) -> str:
        """ "" where there is nothing to say."""

    def summary(self, summary: Mapping[str, object], /) -> Iterable[str]: ...

    def ended_early(self, kind: str, /) -> str:
        """Its events could not be told; `kind` of error."""


class Worker(Protocol):
    """Which bench it is, and who works there."""

    @property
    def bench_name(self) -> str: ...

    @property
    def operator(self) -> str:
        """The badge's number; "" while nobody has logged in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How a run is told. `stay` takes what the outbox tells of it, and is None where nobody wants that."""

    tell: Callable[[Event], None]
    summary: Callable[[Mapping[str, object]], None]
    stay: Callable[[Mapping[str, object]], None] | None = None


@contextmanager
def lines(
    stream: Stream | None, phrasing: Phrasing, who: Worker, gone: Callable[[Exception], None]
) -> Iterator[Telling]:
    """As JSON on stdout, or in words on stderr. Inside, nobody who tells waits for whoever reads; `gone` hears that
    nobody does."""
    if stream is None:
        with Outlet(sys.stderr, gone) as out:
            yield Telling(
                tell=text_lines(phrasing, out.put), summary=lambda content: _all(out, phrasing.summary(content))
            )
        return
    with Outlet(sys.stdout, gone) as data:

        def put(content: Mapping[str, object]) -> None:
            data.put(json.dumps(content, ensure_ascii=False))

        def summary(content: Mapping[str, object]) -> None:
            put({"schema": SCHEMA, "event": "summary", "time": moment(time.time()), "bench": who.bench_name, **content})

        if stream is Stream.ALL:
            yield Telling(tell=lambda event: put(_by(who, event)), summary=summary)
            return
        with Outlet(sys.stderr, gone) as talk:
            in_words = text_lines(phrasing, talk.put)

            def notice(event: Event) -> None:
                if isinstance(event, Notice):
                    in_words(event)

            yield Telling(tell=notice, summary=summary, stay=put)


def _by(who: Worker, event: Event) -> dict[str, object]:
    """With the badge, where a board is done."""
    content = to_json(event, who.bench_name)
    if isinstance(event, SlotEvent) and event.seconds and who.operator:
        content["operator"] = who.operator
    return content


def _all(out: Outlet, said: Iterable[str]) -> None:
    for line in said:
        out.put(line)


def say(text: str) -> None:
    """Talk goes to stderr, whole lines."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


def text_lines(phrasing: Phrasing, put: Callable[[str], None] = say) -> Callable[[Event], None]:
    """Says how each board ended, and notices."""

    def tell(event: Event) -> None:
        if line := phrasing.event(event):
            put(line)

    return tell
