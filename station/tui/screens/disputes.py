# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that two sources say differently, and a supervisor's choice between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from station.ledger.disputes import Dispute
from station.ledger.settling import Settled
from station.report.shift import unix
from station.rules import Choice
from station.tui.screens.list_room import ListRoom
from station.tui.screens.reason import Reason
from station.tui.table import TableRecord
from station.words.figures import moment
from station.words.language import Words


class Disputes(ListRoom[Dispute]):
    """F5 keeps what is held, F6 what arrived; the other content never reaches a board."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", f"keep('{Choice.HELD}')"),
        Binding("f6", f"keep('{Choice.ARRIVED}')"),
    ]

    def title_phrase(self, words: Words) -> str:
        return words.office.disputes

    def keys_phrase(self, words: Words) -> str:
        return words.office.keep if self._items else ""

    def heads_of(self, words: Words) -> tuple[str, ...]:
        text = words.office
        return text.name, text.state, text.board, text.held, text.arrived, text.when

    def source(self) -> Callable[[], tuple[Dispute, ...]]:
        return self.desk.disputes

    def advice(self, words: Words) -> str:
        return words.office.disputes_do if self._items else words.office.no_disputes

    def record_of(self, item: Dispute, words: Words) -> TableRecord:
        state = words.ledger[item.state] if item.state else ""
        held, arrived = item.held_from or item.held_with, item.arrived_from or item.arrived_with
        if held == arrived:
            held, arrived = item.held_with, item.arrived_with
        cells = (str(item.name), state, item.board_uid or "", held, arrived, moment(unix(item.arrived_at)))
        return TableRecord(f"{item.name} {item.content.hex()}", cells)

    def action_keep(self, which: str) -> None:
        dispute = self.chosen()
        if dispute is None:
            return
        choice, desk = Choice(which), self.desk

        def done(settled: Settled) -> None:
            text = self.words.office
            state = text.waits if settled.waits else text.back_in_stock.format(n=1)
            self.notify(self.words.of(str(settled.name), state))
            self.read()

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: desk.keep(self._grant, dispute, choice, reason), done)

        self.app.push_screen(Reason(lambda words: words.office.keep_reason[choice].format(name=dispute.name)), reasoned)
