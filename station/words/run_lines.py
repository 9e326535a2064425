# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run without a screen says: how each board ended, notices, and the counts at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from station.codes import Code
from station.events import Event, Notice, SlotEvent, SlotState
from station.words.details import said
from station.words.language import Words
from station.words.width import padded

_ENDS_QUIETLY = frozenset({SlotState.EMPTY, SlotState.READY, SlotState.BUSY})
_NAME, _STATE = 6, 12
"""Cells of a terminal; a Chinese character takes two."""


class RunLines:
    """`bench.lines.Phrasing` in a language. `counts`: the run ends after so many boards that passed."""

    def __init__(self, words: Words, *, counts: bool = False) -> None:
        self._words, self._text, self._counts = words, words.commands.run, counts

    def event(self, event: Event) -> str:
        """ "" where there is nothing to say."""
        if isinstance(event, Notice):
            where = f"{self._slot(event.slot)} " if event.slot else ""
            return where + self._in_code(event.code, event.what, event.do)
        if event.state in _ENDS_QUIETLY and (not event.code or event.state is SlotState.EMPTY):
            return ""
        state = event.state if self._words.native else self._words.states[event.state][0]
        what = self._in_code(event.code, event.what, event.do) if event.code else self._done(event)
        return f"{self._slot(event.slot)} {padded(state, _STATE)} {event.device_name} {event.uid}  {what}"

    def summary(self, summary: Mapping[str, object]) -> Iterator[str]:
        yield self._text.counts.format_map(summary)
        if summary["alarms"] or summary["station_faults"]:
            yield self._text.beside.format_map(summary)
        if bare := summary["without_product_secret"]:
            yield self._text.bare.format(number=bare)

    def ended_early(self, kind: str) -> str:
        return self._text.ended_early.format(kind=kind)

    def _slot(self, name: str) -> str:
        return f"{self._text.slot} {padded(name, _NAME)}"

    def _in_code(self, code: Code, what: str, do: str) -> str:
        """In another language than the error's own: what its code says, and the detail for the engineer."""
        detail = said(what, self._words) + (f" → {said(do, self._words)}" if do else "")
        if self._words.native:
            return f"{code} {detail}"
        known = self._words.told(code, what)
        return f"{code} {known.what} → {known.do}  {self._words.of(self._words.office.detail, detail)}"

    def _done(self, event: SlotEvent) -> str:
        took = self._text.took.format(seconds=f"{event.seconds:.2f}")
        counts_not = self._counts and event.state is SlotState.ALREADY_DONE
        return self._words.marks.comma.join([took, *self._member(event), *[self._text.not_counted] * counts_not])

    def _member(self, event: SlotEvent) -> Iterator[str]:
        """Which part of its NVR set the board became, and how many boards the set still wants."""
        if event.channel is None:
            return
        which = self._text.channel if event.channel else self._text.nvr_itself
        yield which.format(number=event.channel, nvr=event.set_name)
        missing = self._text.still_missing.format(number=event.set_missing)
        yield missing if event.set_missing else self._text.set_complete
