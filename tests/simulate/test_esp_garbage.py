# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever comes down the wire, a board neither falls over nor stops answering the next good packet."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from station.simulate.esp import CHIPS, SecurityFuses
from station.simulate.esp.commands import Command
from station.simulate.esp.flash import NorFlash
from station.simulate.esp.programs import PROGRAMS
from station.simulate.esp.reply import checksum
from station.simulate.esp.silicon import Build, Running, Silicon
from tests.sampled import examples

WORDS = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 4, 16, 0x1000, 0x9000, 0x10000, 2**32 - 1])
BODIES = st.lists(WORDS, max_size=7).map(lambda words: struct.pack(f"<{len(words)}I", *words)) | st.binary(max_size=80)


def request(command: int, body: bytes) -> bytes:
    return struct.pack("<BBHI", 0, command, len(body), checksum(body[16:])) + body


PACKETS = st.binary(max_size=60) | st.builds(request, st.sampled_from(list(Command)) | st.integers(0, 255), BODIES)


def board(chip: str) -> Silicon:
    model = CHIPS[chip]
    build = Build(chip=model, mac=bytes(6), revision=model.revision, security=SecurityFuses())
    return Silicon(build, NorFlash(1 << 16), PROGRAMS)


def start_stub(silicon: Silicon) -> None:
    silicon.packet(request(Command.MEM_BEGIN, struct.pack("<4I", 4, 1, 4, 0x40380000)))
    silicon.packet(request(Command.MEM_DATA, struct.pack("<4I", 4, 0, 0, 0) + b"code"))
    silicon.packet(request(Command.MEM_END, struct.pack("<2I", 0, 0x40380000)))
    assert silicon.running is Running.STUB


@settings(max_examples=examples(150))
@given(st.sampled_from(["esp8266", "esp32", "esp32c3", "esp32s3"]), st.booleans(), st.lists(PACKETS, max_size=12))
def test_a_board_survives_any_packets(chip: str, stub: bool, packets: list[bytes]) -> None:
    silicon = board(chip)
    if stub:
        start_stub(silicon)
    for packet in packets:
        reply = silicon.packet(packet)
        if reply.then:
            assert reply.then() >= 0
        assert silicon.baud > 0
    silicon.reset()
    assert silicon.packet(request(Command.READ_REG, struct.pack("<I", 0x40001000))).packets
