# SPDX-License-Identifier: GPL-3.0-or-later
"""The label of each board that passed comes out once, by itself, also after a restart and a printer without paper."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from station.codes import Exit
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from station.simulate.printer import LabelPrinter
from tests.cli.cli_shell import Done, Shell


@pytest.fixture
def factory(shell: Shell) -> Shell:
    shell.stock_up("cam1", "cam2")
    shell.write_profile()
    profile = shell.folder / "profiles" / "cam.toml"
    profile.write_text(profile.read_text() + "[label]\n")
    return shell


def flash(shell: Shell, number: int, printer: LabelPrinter) -> Done:
    with SimulatedAgentBoard(f"ab{number:014x}", shell.folder / f"{number}.bin") as board:
        where = ("--set", f"printer.where={printer.where}")
        return shell(*where, "flash", "--profile", "cam", "--port", board.url, "--json")


def in_board(shell: Shell, number: int) -> str:
    (held,) = read_identity(shell.folder / f"{number}.bin") or []
    return f"ab{number:014x} {held.product_key}/{held.device_name}"


def on_paper(printer: LabelPrinter, many: int) -> list[str]:
    with printer.printed:
        assert printer.printed.wait_for(lambda: len(printer.labels) >= many, 60)
    pictures = [Image.open(io.BytesIO(paper.png())) for paper in printer.labels]
    found = [zxingcpp.read_barcodes(p.resize((p.width * 2, p.height * 2), Image.Resampling.NEAREST)) for p in pictures]
    return [codes[0].text for codes in found]


def test_no_board_waits_for_paper_and_no_label_is_lost_or_comes_twice(factory: Shell) -> None:
    with LabelPrinter(state="out-of-paper") as printer:
        first = flash(factory, 1, printer)
        assert (first.code, first.json[-1]["passed"], "E317" in first.out) == (0, 1, True)
        (waits,) = factory("label", "queue", "--json").json
        assert (waits["device_name"], waits["board_uid"]) == ("cam1", "ab00000000000001")
        assert factory("label", "queue").code == Exit.PERSON_NEEDED
        printer.state = "ready"
        assert flash(factory, 2, printer).code == 0  # another process: what waited comes first
        assert on_paper(printer, 2) == [in_board(factory, 1), in_board(factory, 2)]
        assert flash(factory, 2, printer).json[-1]["already_done"] == 1
        assert len(printer.labels) == 2
    assert factory("label", "queue").code == 0
    assert factory("history", "cam1").out.count("label printed") == 1
    assert factory("audit", "verify").code == 0


def test_a_label_that_may_have_come_out_is_not_printed_again_unmarked(factory: Shell) -> None:
    with LabelPrinter(state="dead") as printer:
        assert flash(factory, 1, printer).code == 0
        printer.state = "ready"
        assert flash(factory, 1, printer).code == 0
        assert printer.labels == []
    assert factory("history", "cam1").out.count("label printed") == 1


def test_a_board_that_is_settled_gets_its_label_too(factory: Shell) -> None:
    with SimulatedAgentBoard("ab00000000000001", factory.folder / "1.bin") as board, LabelPrinter() as printer:
        assert factory("flash", "--profile", "cam", "--port", board.url).code == 0
        where = ("--set", f"printer.where={printer.where}")
        assert factory(*where, "resolve", "--profile", "cam", "--port", board.url).code == 0
        assert on_paper(printer, 1) == [in_board(factory, 1)]


def test_without_a_printer_nothing_is_asked_for(factory: Shell) -> None:
    with SimulatedAgentBoard("ab00000000000001", factory.folder / "1.bin") as board:
        assert factory("flash", "--profile", "cam", "--port", board.url).code == 0
    assert factory("label", "queue", "--json").json[0]["labels"] == []


def test_where_labels_are_needed_a_printer_that_prints_none_lets_no_further_board_begin(factory: Shell) -> None:
    profile = factory.folder / "profiles" / "cam.toml"
    profile.write_text(profile.read_text() + "needed = true\n")
    with LabelPrinter(state="out-of-paper") as printer:
        assert flash(factory, 1, printer).code == 0  # nothing was known of the printer
        second = flash(factory, 2, printer)
        assert (second.code, second.json[-1]["passed"]) == (Exit.STATION_FAULT, 0)
        waits = [line for line in second.json if line.get("state") == "WAITING"]
        assert (waits[-1]["code"], "out of paper" in waits[-1]["what"]) == ("E317", True)
        assert read_identity(factory.folder / "2.bin") is None
        printer.state = "ready"
        assert flash(factory, 2, printer).code == 0
        assert on_paper(printer, 2) == [in_board(factory, 1), in_board(factory, 2)]


def test_where_labels_are_needed_a_bench_without_a_printer_begins_no_board(factory: Shell) -> None:
    profile = factory.folder / "profiles" / "cam.toml"
    profile.write_text(profile.read_text() + "needed = true\n")
    with SimulatedAgentBoard("ab00000000000001", factory.folder / "1.bin") as board:
        told = factory("flash", "--profile", "cam", "--port", board.url)
    assert (told.code, "E113" in told.err) == (Exit.USAGE, True)
    assert read_identity(factory.folder / "1.bin") is None
