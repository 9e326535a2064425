# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets come off the wire as esptool's own reader takes them, however they were cut on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.targets.esp import slip as esp_slip
from station.targets.esp.tool import esptool

TOOL = esptool()


class Heard:
    """A port on which all this comes, piece by piece, and then nothing. esptool's way to read it."""

    timeout = 3.0

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def inWaiting(self) -> int:
        return len(self._pieces[0]) if self._pieces else 0

    def read(self, size: int) -> bytes:
        return self._pieces.pop(0) if self._pieces and size else b""


class HeardByUs(Heard):
    def take(self, _seconds: float) -> bytes:
        return self.read(1)


def packets(port: Heard) -> list[bytes]:
    """Up to what ends the reading, which each stream does here."""
    taken: list[bytes] = []
    reader: Iterator[bytes] = TOOL.loader.slip_reader(port, lambda _text: None)
    with pytest.raises(TOOL.fatal):
        taken.extend(reader)  # keeps what came before the refusal
    return taken


pieces = st.lists(st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD, 0x00, 0x41]), max_size=12).map(bytes), max_size=12)


@given(pieces=pieces)
def test_what_esptool_takes_and_refuses_we_do(pieces: list[bytes]) -> None:
    assert packets(HeardByUs(pieces)) == packets(Heard(pieces))


@given(body=st.binary(max_size=64), cut=st.integers(0, 70))
def test_a_packet_survives_every_cut(body: bytes, cut: int) -> None:
    framed = b"\xc0" + body.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"
    assert packets(HeardByUs([framed[:cut], framed[cut:] + framed])) == [body, body]


@pytest.mark.parametrize("said", [b"Guru Meditation Error", b"Fatal exception"])
def test_firmware_that_crashes_instead_is_named(said: bytes) -> None:
    heard = HeardByUs([b"\r\n", said + b": Core  0 panic'ed"])
    with pytest.raises(TOOL.fatal, match=said.decode()):
        next(TOOL.loader.slip_reader(heard, lambda _text: None))


def test_a_packet_in_one_piece_costs_one_call_of_the_kernel() -> None:
    port = HeardByUs([b"\xc0\x01\xc0\xc0\x02\xc0", b"\xc0never asked for\xc0"])
    reader = esp_slip.packets(port, TOOL.fatal)
    assert [next(reader), next(reader)] == [b"\x01", b"\x02"]
    assert port.inWaiting()


def test_a_packet_that_does_not_end_is_given_up() -> None:
    heard = HeardByUs([b"\xc0", *[b"x" * 4096] * 100])
    with pytest.raises(TOOL.fatal, match="does not end"):
        next(esp_slip.packets(heard, TOOL.fatal))
