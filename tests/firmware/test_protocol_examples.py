# SPDX-License-Identifier: GPL-3.0-or-later
"""PROTOCOL.md is the contract between two programs: its examples are what the firmware does, byte for byte."""

from __future__ import annotations

import re

from station.model import Identity
from station.simulate.firmware import templates
from station.simulate.firmware_board import FirmwareBoard
from station.simulate.firmware_image import read_record
from station.simulate.mcu import McuBoard
from tests.firmware.firmware_bench import UID, certificate, on_each_port, stored
from tests.firmware.firmware_wire import Wire

DIFFERS_PER_BOARD = re.compile(r"(board|fw|maxsubs|window)=\S+ |\*[0-9a-f]{8}$")


def session() -> list[tuple[bytes, list[str]]]:
    """Each line sent, with the answers that must come before the next one is sent."""
    page = (templates() / "agent" / "PROTOCOL.md").read_text("utf-8")
    script: list[tuple[bytes, list[str]]] = []
    for block in re.findall(r"^```session\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        for text in block.splitlines():
            if text.startswith(">"):
                script.append((text[2:].encode().decode("unicode_escape").encode("latin-1") + b"\n", []))
            else:
                script[-1][1].append(text.removeprefix("< "))
    return script


@on_each_port
def test_every_example_of_the_protocol_page_happens_on_the_board(board: FirmwareBoard) -> None:
    script = session()
    assert len(script) > 60, "the page lost its examples"
    with Wire(board) as wire:
        for sent, wanted in script:
            wire.send(sent)
            for want in wanted:
                got = wire.frame()
                if isinstance(board, McuBoard) or " proto=" not in want:
                    assert got == want, sent
                else:
                    assert DIFFERS_PER_BOARD.sub("", got) == DIFFERS_PER_BOARD.sub("", want)
            if b" RESET*" in sent or f" BOOT {UID}*".encode() in sent:
                wire.wait_until_up()
    record = read_record(board.flash_file)
    assert record and (record.seq, record.locked) == (4, True)
    assert stored(board.flash_file) == Identity(
        primary=certificate("nvr-0007", "5eed00000000000000000000000000b0", product="a1NVRnvrNVR"),
        channels=(
            certificate("ipc@7:01", "5eed00000000000000000000000000b1", product="a1IPCipcIPC"),
            certificate("ipc@7:02", "5eed00000000000000000000000000b2", product="a1IPCipcIPC"),
        ),
    )


def test_the_page_names_every_error_the_agent_knows_with_its_number() -> None:
    page = (templates() / "agent" / "PROTOCOL.md").read_text("utf-8")
    header = (templates() / "agent" / "agent.h").read_text("utf-8")
    in_code = {(number, name) for name, number in re.findall(r"AGENT_([A-Z]+) = (\d+),", header)} - {("0", "OK")}
    in_page = set(re.findall(r"^\| (\d+) \| `([A-Z]+)` \|", page, re.MULTILINE))
    assert in_code == in_page


def test_the_board_reports_the_uid_it_was_made_with(board: FirmwareBoard) -> None:
    with Wire(board) as wire:
        assert f" uid={UID} " in wire.ask("@1 ID")
