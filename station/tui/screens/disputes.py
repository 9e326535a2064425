# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that two sources say differently, and a supervisor's choice between them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from station.desk.desk import Grant
from station.ledger.disputes import Choice, Dispute
from station.ledger.settling import Settled
from station.report.shift import unix
from station.tui.say import Say
from station.tui.screens.reason import Reason
from station.tui.screens.room import Room
from station.tui.table import Table, TableRecord
from station.words.figures import moment
from station.words.language import Words

REFRESH_S = 2.0


class Disputes(Room):
    """F5 keeps what is held, F6 what arrived; the other content never reaches a board."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", f"keep('{Choice.HELD}')"),
        Binding("f6", f"keep('{Choice.ARRIVED}')"),
    ]

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._disputes: tuple[Dispute, ...] = ()

    def title_phrase(self, words: Words) -> str:
        return words.office.disputes

    def keys_phrase(self, words: Words) -> str:
        return words.office.keep if self._disputes else ""

    def content(self) -> ComposeResult:
        yield Say(self._advice, classes="spaced")
        yield Table(_heads)

    def on_mount(self) -> None:
        self._read()
        self.set_interval(REFRESH_S, self._read)

    def _advice(self, words: Words) -> str:
        return words.office.disputes_do if self._disputes else words.office.no_disputes

    def _read(self) -> None:
        self.poll(self.desk.disputes, self._show)

    def _show(self, disputes: tuple[Dispute, ...]) -> None:
        self._disputes = disputes
        self.query_one(".spaced", Say).say(self._advice)
        self.query_one(".keys", Say).say(self._keys)
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill([_record(dispute, self.words) for dispute in self._disputes])

    def action_keep(self, which: str) -> None:
        key = self.query_one(Table).chosen()
        dispute = next((dispute for dispute in self._disputes if _key(dispute) == key), None)
        if dispute is None:
            return
        choice, desk = Choice(which), self.desk

        def done(settled: Settled) -> None:
            text = self.words.office
            state = text.waits if settled.waits else text.back_in_stock.format(n=1)
            self.notify(f"{settled.name}: {state}", markup=False)
            self._read()

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: desk.keep(self._grant, dispute, choice, reason), done)

        self.app.push_screen(Reason(lambda words: words.office.keep_reason[choice].format(name=dispute.name)), reasoned)


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.name, text.state, text.board, text.held, text.arrived, text.when


def _record(dispute: Dispute, words: Words) -> TableRecord:
    state = words.ledger[dispute.state] if dispute.state else ""
    held, arrived = dispute.held_from or dispute.held_with, dispute.arrived_from or dispute.arrived_with
    if held == arrived:
        held, arrived = dispute.held_with, dispute.arrived_with
    when = moment(unix(dispute.arrived_at))
    return TableRecord(_key(dispute), (str(dispute.name), state, dispute.board_uid or "", held, arrived, when))


def _key(dispute: Dispute) -> str:
    return f"{dispute.name} {dispute.content.hex()}"
