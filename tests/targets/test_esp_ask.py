# SPDX-License-Identifier: GPL-3.0-or-later
"""A loader is asked as esptool asks it, and what it answers is taken and refused as esptool does."""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.targets.esp.tool import esptool

TOOL = esptool()


def esptools_own() -> Any:
    spec = spec_from_file_location("esptool.loader_as_it_comes", TOOL.loader.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ESPLoader


OWN, OURS = esptools_own(), TOOL.loader.ESPLoader


class Port:
    """Keeps what is sent, and under which time limits."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.limits_s: list[float] = []
        self._timeout = 3.0

    @property
    def timeout(self) -> float:
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self.limits_s.append(seconds)
        self._timeout = seconds

    def write(self, data: bytes) -> None:
        self.sent.append(bytes(data))

    def read(self, _size: int) -> bytes:
        return b""

    def flushInput(self) -> None:
        self.sent.append(b"flushed")


def asked(kind: Any, answers: Sequence[bytes], *question: object, **limits: float) -> tuple[object, Port]:
    """What comes of it, in the words of whoever speaks; answers that end are a time-out."""
    esp, left = object.__new__(kind), list(answers)
    esp._port, esp._trace_enabled, esp.secure_download_mode = Port(), False, False

    def read() -> bytes:
        if not left:
            raise TOOL.fatal("silence")
        return left.pop(0)

    esp.read = read
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "sleep", lambda _seconds: None)
        try:
            return esp.command(*question, **limits), esp._port
        except (TOOL.fatal, TOOL.unsupported, IndexError) as fault:
            return type(fault).__name__, esp._port


def response(op: int, rest: bytes, kind: int = 1) -> bytes:
    return struct.pack("<BBHI", kind, op, len(rest), 7) + rest


OPS = st.sampled_from([0x02, 0x0A, 0x13])
ANSWERS = st.builds(response, OPS, st.binary(min_size=2, max_size=6), st.sampled_from([1, 1, 1, 0])) | st.builds(
    response, OPS, st.sampled_from([b"\x01\x05", b"\x00\x05\x00\x00", b"\x01\x06"])
)


@given(answers=st.lists(ANSWERS | st.binary(max_size=7), max_size=5), op=OPS, data=st.binary(max_size=20))
def test_the_question_and_what_is_taken_for_its_answer_are_esptools(answers: list[bytes], op: int, data: bytes) -> None:
    for question in ((op, data, 3), (None,)):
        (own, port), (ours, our_port) = asked(OWN, answers, *question), asked(OURS, answers, *question)
        assert ours == own
        assert our_port.sent == port.sent


@pytest.mark.parametrize("limit_s", [0.1, 3.0, 1000.0])
def test_a_question_has_the_time_that_esptool_gives_it_and_the_port_its_own_again(limit_s: float) -> None:
    found = [asked(kind, [response(0x0A, b"\0\0")], 0x0A, timeout=limit_s) for kind in (OWN, OURS)]
    assert found[0][1].limits_s == found[1][1].limits_s
    assert found[1][1].timeout == 3.0


def test_after_a_hundred_packets_that_answer_another_question_none_is_waited_for() -> None:
    for kind in (OWN, OURS):
        assert asked(kind, [response(0x02, b"\0\0")] * 101, 0x0A)[0] == "FatalError"
        assert asked(kind, [*[response(0x02, b"\0\0")] * 99, response(0x0A, b"\0\0")], 0x0A)[0] == (7, b"\0\0")
