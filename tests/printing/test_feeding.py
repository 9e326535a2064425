# SPDX-License-Identifier: GPL-3.0-or-later
"""A printer that fails, a label that fails: no label is lost unsaid, none comes twice, none holds the others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from station.errors import StationError
from station.events import Notice
from station.ledger.printed import OnLabel, Printed
from station.ledger.store import Ledger
from station.printing.feeding import _Feeder, fed
from station.printing.picture import draw
from station.printing.printer import Printer
from station.profiles.sticker import Sticker
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.printer import LabelPrinter
from tests.ledger.ledger_samples import BATCH, single
from tests.ledger.test_printed import again, passed
from tests.waiting import PATIENCE_S


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """cam1 and cam2 are done, their labels wait."""
    with Ledger(tmp_path / "state" / "ledger.db", Vault(bytes(range(32)))) as made:
        made.receive(BATCH, [single("cam1"), single("cam2")])
        passed(made, 1)
        passed(made, 2)
        yield made


def cams() -> dict[str, Sticker]:
    return {"cam": Sticker()}


def feed(ledger: Ledger, where: str, stickers: Callable[[], dict[str, Sticker]] = cams) -> list[Notice]:
    """Until the bench's end, with what was said of it."""
    said: list[Notice] = []
    with fed(ledger, Printer(where=where), stickers, said.append):
        pass
    return said


def counts(ledger: Ledger) -> list[int]:
    return [ledger.printed.copies(identity) for identity in (1, 2)]


def test_each_label_that_may_be_lost_is_named(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name, does in (("lpstat", "echo accepting requests"), ("lp", "exit 1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr("station.printing.feeding._AGAIN_S", 0.0)
    said = feed(ledger, "cups:zebra") + feed(ledger, "cups:zebra")
    assert [("cam1" in one.what, "cam2" in one.what) for one in said] == [(True, False), (False, True)]
    assert counts(ledger) == [1, 1]


def test_at_a_device_file_each_is_printed_once_and_the_file_is_let_go(ledger: Ledger, tmp_path: Path) -> None:
    """As at any printer: two labels of one board may end on two boards."""
    device = tmp_path / "lp0"
    os.mkfifo(device)
    paper = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert feed(ledger, str(device)) + feed(ledger, str(device)) == []
        assert counts(ledger) == [1, 1]
        assert os.read(paper, 1 << 16).count(b"^XA") == 2
        assert opened(device) == [paper]
    finally:
        os.close(paper)


def opened(file: Path) -> list[int]:
    """By this process."""
    found = []
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists them
            if fd.readlink() == file:
                found.append(int(fd.name))
    return found


def test_what_an_earlier_run_left_is_known_before_any_board_begins(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the feeder's own thread has had a turn."""
    monkeypatch.setattr(_Feeder, "run", lambda _feeder: None)
    needs = {"cam": Sticker(needed=True)}
    with fed(ledger, Printer(where="tcp://127.0.0.1:1"), lambda: needs, lambda _notice: None) as require_printed:
        with pytest.raises(StationError) as waits:
            require_printed()
        needs["cam"] = Sticker()
        require_printed()
    assert waits.value.code == "E317"


def test_one_that_was_printed_by_hand_at_that_moment_is_not_printed_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = Printed.on_label

    def by_hand(printed: Printed, identity: int) -> OnLabel:
        """When the feeder has chosen it already."""
        label = look_up(printed, identity)
        if identity == 1 and not printed.copies(1):
            printed.note(label, copy=0)
        return label

    monkeypatch.setattr(Printed, "on_label", by_hand)
    with LabelPrinter() as printer:
        assert feed(ledger, printer.where) == []
        with printer.printed:
            assert printer.printed.wait_for(lambda: printer.labels, PATIENCE_S)
    assert (len(printer.labels), counts(ledger)) == (1, [1, 1])


def test_one_that_is_retired_at_that_moment_is_not_printed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A printer may take seconds to say how it is."""

    def meanwhile(sticker: Sticker, fields: dict[str, str], *, font: str) -> object:
        if fields["device"] == "cam1":
            ledger.retire(single("cam1").name, "rework", by="Li")
        return draw(sticker, fields, font=font)

    monkeypatch.setattr("station.printing.feeding.draw", meanwhile)
    with LabelPrinter() as printer:
        assert feed(ledger, printer.where) == []
        with printer.printed:
            assert printer.printed.wait_for(lambda: printer.labels, PATIENCE_S)
    assert (len(printer.labels), counts(ledger)) == (1, [0, 1])


def test_a_defect_in_one_label_holds_no_other_and_the_bench_ends(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(sticker: Sticker, fields: dict[str, str], *, font: str) -> object:
        if fields["device"] == "cam1":
            raise ZeroDivisionError
        return draw(sticker, fields, font=font)

    monkeypatch.setattr("station.printing.feeding.draw", broken)
    with LabelPrinter() as printer:
        said = feed(ledger, printer.where)
    assert ([one.code for one in said], counts(ledger)) == (["E399"], [0, 1])


def test_an_end_waits_for_no_more_than_the_label_in_hand(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.printing.feeding._LEAVES_S", 0.0)
    in_hand, ending, end = threading.Event(), threading.Event(), _Feeder.end

    def slow(_where: str, _language: str, _data: bytes, *, leaves: Callable[[], None]) -> None:
        in_hand.set()
        assert ending.wait(PATIENCE_S)
        leaves()

    def ends(feeder: _Feeder) -> None:
        end(feeder)
        ending.set()

    monkeypatch.setattr("station.printing.feeding.send", slow)
    monkeypatch.setattr(_Feeder, "end", ends)
    with fed(ledger, Printer(where="tcp://x"), cams, lambda _notice: None):
        assert in_hand.wait(PATIENCE_S)
    assert counts(ledger) == [1, 0]


def test_a_label_waits_for_a_bench_that_works_by_its_profile(ledger: Ledger) -> None:
    """Another process on this ledger, or this bench after it was given another product."""
    again(ledger, 2, 2, Outcome.ALREADY_DONE, profile="doorbell")
    with LabelPrinter() as printer:
        assert feed(ledger, printer.where) == []
    assert counts(ledger) == [1, 0]
    assert [one.identity_id for one in ledger.printed.waiting()[0]] == [2]


def test_who_no_longer_listens_costs_no_label(ledger: Ledger) -> None:
    def gone(_notice: Notice) -> None:
        raise StationError("nobody", do="nothing")

    with LabelPrinter(state="out-of-paper") as printer, fed(ledger, Printer(where=printer.where), cams, gone):
        pass
    assert counts(ledger) == [0, 0]
