# SPDX-License-Identifier: GPL-3.0-or-later
"""A label at the command line: what another hand's decoder reads off it is what is in the board."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from station.cli.account import account
from station.codes import Exit
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from station.simulate.printer import LabelPrinter, Paper
from tests.cli.cli_shell import Shell
from tests.waiting import PATIENCE_S

LABEL = """
serial = {ask = "required"}
[label]
height_mm = 40
lines = ["{device}", "序列号 {serial}"]
code128 = "{serial}"
"""


@pytest.fixture
def done(shell: Shell) -> Shell:
    """cam1 is on a board with SN42; cam2 on none."""
    shell.stock_up("cam1", "cam2")
    shell.write_profile()
    profile = shell.folder / "profiles" / "cam.toml"
    profile.write_text(profile.read_text() + LABEL)
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "board.bin") as board:
        flashed = shell("flash", "--profile", "cam", "--port", board.url, "--serial", "sn42")
    assert flashed.code == 0, flashed.err
    return shell


def codes(image: Image.Image) -> set[str]:
    grown = image.convert("L").resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST)
    return {code.text for code in zxingcpp.read_barcodes(grown)}


def on_paper(paper: Paper) -> set[str]:
    return codes(Image.open(io.BytesIO(paper.png())))


def in_board(folder: Path) -> set[str]:
    (held,) = read_identity(folder / "board.bin") or []
    return {f"ab00000000000001 {held.product_key}/{held.device_name}", "SN42"}


def test_what_is_printed_is_what_is_in_the_board_and_a_reprint_is_marked_and_noted(done: Shell) -> None:
    with LabelPrinter() as printer:
        order = ("--set", f"printer.where={printer.where}", "label", "print", "SN42", "--profile", "cam")
        printer.state = "out-of-paper"
        empty = done(*order)
        assert (empty.code, "E317" in empty.err, "out of paper" in empty.err) == (Exit.STATION_FAULT, True, True)
        printer.state = "ready"
        assert done(*order, "--json").json[0]["copy"] == 0
        again = done(*order)
        assert (again.code, "E121" in again.err) == (Exit.USAGE, True)
        assert done(*order, "--reason", "it was torn", "--operator", "OP1042", "--json").json[0]["copy"] == 1
        with printer.printed:
            assert printer.printed.wait_for(lambda: len(printer.labels) == 2, PATIENCE_S)
        first, second = printer.labels
    assert on_paper(first) == on_paper(second) == in_board(done.folder)
    assert first.dots != second.dots
    history = done("history", "cam1").out
    assert (history.count("label printed"), "it was torn" in history) == (2, True)
    said = [line["detail"] for line in done("audit", "log", "--event", "label printed", "--json").json]
    assert [(one["copy"], one["by"]) for one in said] == [(0, account()), (1, "1042")]
    shown = done("show", "cam1").out  # a label comes out of no slot
    assert (shown.count("label printed"), "slot  " in shown) == (2, False)
    assert done("audit", "verify").code == 0


def test_it_is_drawn_into_a_file_without_a_printer_and_only_for_a_board_that_is_done(done: Shell) -> None:
    picture = done.folder / "label.png"
    preview = ("label", "preview", "--profile", "cam", "--output")
    assert done(*preview, str(picture), "cam1").code == 0
    assert codes(Image.open(picture)) == in_board(done.folder)
    assert done(*preview, str(done.folder / "sample.svg")).code == 0
    assert done(*preview, str(picture), "AB:00:00:00:00:00:00:01").code == 0
    for refused, code in ((("cam2",), "E116"), (("ca",), "E116"), ((), "E100")):
        name = "label.png" if refused else "label.doc"
        told = done(*preview, str(done.folder / name), *refused)
        assert (told.code, code in told.err) == (Exit.USAGE, True)
    none = done("label", "test", "--profile", "cam")
    assert (none.code, "E113" in none.err) == (Exit.USAGE, True)
    assert "label printed" not in done("history", "cam1").out
