# SPDX-License-Identifier: GPL-3.0-or-later
"""A scanner on a serial port: whole lines or nothing, unplugged and plugged in again, never in a board's place."""

from __future__ import annotations

import os
import pty
import queue
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import PortFault
from station.targets.scanner import MAX_LENGTH, STALE_S, Lines, SerialScanner, scanner_fault
from station.targets.slots import SlotSpec
from tests.waiting import PATIENCE_S


class Cable:
    """A scanner's end of the cable, always in the same socket."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._ours = -1

    def plug(self) -> None:
        self._ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.socket.symlink_to(os.ttyname(theirs))
        os.close(theirs)

    def unplug(self) -> None:
        self.socket.unlink()
        os.close(self._ours)

    def scan(self, data: bytes) -> None:
        os.write(self._ours, data)


class Listening:
    """A scanner that is listened to."""

    def __init__(self, socket: Path) -> None:
        self.heard: queue.Queue[str] = queue.Queue()
        self.lost: queue.Queue[PortFault] = queue.Queue()
        self.scanner = SerialScanner(str(socket), self.heard.put, self.lost.put)

    def wait_for(self, cable: Cable) -> None:
        """As a person does: scans until it beeps, since what is sent before the port is open is not heard."""
        deadline = time.monotonic() + PATIENCE_S
        while self.heard.empty():
            assert time.monotonic() < deadline, "it hears nothing"
            cable.scan(b"BEEP\r")
            time.sleep(0.1)

    def next(self) -> str:
        """The next scan that is none of `wait_for`'s."""
        while (scan := self.heard.get(timeout=PATIENCE_S)) == "BEEP":
            pass
        return scan


@pytest.fixture
def cable(tmp_path: Path) -> Cable:
    return Cable(tmp_path / "scanner")


@pytest.fixture
def listening(cable: Cable) -> Iterator[Listening]:
    made = Listening(cable.socket)
    yield made
    made.scanner.close()


def test_scans_come_as_they_are_and_hostile_ones_do_not_come_at_all(cable: Cable, listening: Listening) -> None:
    cable.plug()
    listening.wait_for(cable)
    cable.scan(b"OP1042\rSN[/bold]7\n[link=x]\r\n\x1b[2JSN1\r" + "SN\u4e00\n".encode() + b"\x00SN2\r\xffSN3\nSN8\r")
    assert [listening.next() for _ in range(4)] == ["OP1042", "SN[/bold]7", "[link=x]", "SN8"]
    assert listening.heard.empty()


def test_full_width_characters_are_the_ascii_they_stand_for() -> None:
    assert Lines().take("ＳＮ：５Ａ０１\r５Ａ０２　ｐ／ｄ\rＳＮ工\r".encode(), 0.0) == ["SN:5A01", "5A02 p/d"]


def test_unplugged_and_plugged_in_again_it_is_heard_again_and_half_a_scan_is_not(
    cable: Cable, listening: Listening
) -> None:
    cable.plug()
    for label in (b"SN1", b"SN2", b"SN3"):
        listening.wait_for(cable)
        while not listening.lost.empty():
            listening.lost.get()
        cable.scan(label + b"\r")
        assert listening.next() == label.decode()
        cable.scan(b"HALF")
        cable.unplug()
        assert listening.lost.get(timeout=PATIENCE_S).code in ("E311", "E313")
        cable.plug()
    assert listening.heard.empty()
    cable.unplug()


def test_a_scanner_that_stays_away_is_told_once(listening: Listening) -> None:
    assert listening.lost.get(timeout=PATIENCE_S).code == "E313"
    with pytest.raises(queue.Empty):
        listening.lost.get(timeout=1.5)  # it looked again meanwhile


@given(data=st.lists(st.binary(max_size=40), max_size=12))
def test_however_bytes_are_cut_the_scans_are_the_same_and_printable(data: list[bytes]) -> None:
    cut, whole = Lines(), Lines()
    scans = [scan for part in data for scan in cut.take(part, 1.0)]
    assert scans == whole.take(b"".join(data), 1.0)
    assert all(scan.isascii() and scan.isprintable() and scan for scan in scans)


@given(length=st.integers(1, 3 * MAX_LENGTH), step=st.integers(1, 700))
def test_a_scan_that_is_too_long_is_dropped_to_its_last_byte(length: int, step: int) -> None:
    lines, data = Lines(), b"A" * length + b"\rSN1\r"
    scans = [scan for at in range(0, len(data), step) for scan in lines.take(data[at : at + step], 1.0)]
    assert scans == (["A" * length, "SN1"] if length <= MAX_LENGTH else ["SN1"])


def test_the_head_of_a_scan_that_stopped_half_way_is_forgotten() -> None:
    lines = Lines()
    assert lines.take(b"SN12", 1.0) == []
    assert lines.take(b"", 1.0 + STALE_S) == []
    assert lines.take(b"SN34\r", 1.1 + STALE_S) == ["SN34"]


def test_a_scan_that_comes_in_pieces_is_whole_however_long_this_pc_runs() -> None:
    """Its end alone would be another board's label."""
    lines, now = Lines(), 1_000_000.0
    assert lines.take(b"SN", now) == lines.take(b"", now + STALE_S / 4) == []
    assert lines.take(b"12", now + STALE_S) == []
    assert lines.take(b"34\r", now + 2 * STALE_S) == ["SN1234"]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/dev/serial/by-id/usb-scanner", ""),
        ("usb-1-7:1.0", ""),
        ("usb-1-2", "is slot 1"),
        ("/dev/fixture", "is slot 2"),
        ("/dev/ttyACM0", "numbered"),
        ("somewhere", "neither"),
    ],
)
def test_a_board_is_never_taken_for_the_scanner(path: str, fault: str) -> None:
    slots = [SlotSpec(name="1", path="usb-1-2:1.0"), SlotSpec(name="2", path="/dev/fixture")]
    found = scanner_fault(path, slots)
    assert fault in found
    assert bool(found) == bool(fault)
