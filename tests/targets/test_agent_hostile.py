# SPDX-License-Identifier: GPL-3.0-or-later
"""A board may say anything: only our own errors come out, and none repeats its words (they might be a secret)."""

from __future__ import annotations

import re
import zlib
from contextlib import closing, suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from station.errors import BoardFault, ConfigError
from station.model import Verdict
from station.simulate.serial_end import SerialEnd
from station.targets.agent.answers import parse_id
from station.targets.agent.line import MAX_REPLY_BYTES, Reply, ReplyReader, command, encoded
from station.targets.agent.target import AgentTarget
from station.targets.base import no_progress
from tests.sampled import examples
from tests.targets.agent_bench import UID, session_on, single

GOOD_ID = {
    "proto": "1",
    "board": "cortex-m3",
    "fw": "1.0.0",
    "uid": UID,
    "state": "written",
    "seq": "1",
    "subs": "0",
    "maxsubs": "64",
    "maxpk": "36",
    "maxdn": "128",
    "maxds": "64",
    "maxps": "64",
    "digest": "0" * 64,
    "tx": "-",
    "reset": "power",
    "pk": "a1B2c3D4e5F",
    "dn": "cam-0001",
}
LEAK = "5eed-that-must-not-show"
VALUES = st.one_of(
    st.sampled_from(
        ["", "-", "1", "0", "written", "locked", "blank", "torn", "0" * 64, "99999", LEAK, "\x1b[2J", "é", "ſ"]
    ),
    st.text(max_size=12),
)


def framed(body: bytes) -> bytes:
    return b"%s*%08x\n" % (body, zlib.crc32(body))


@given(st.lists(st.binary(max_size=64), max_size=20))
def test_no_bytes_upset_the_reader_and_they_can_come_in_any_pieces(pieces: list[bytes]) -> None:
    piecemeal, at_once = ReplyReader(), ReplyReader()
    heard = [type(each) for piece in pieces for each in piecemeal.feed(piece)]
    assert heard == [type(each) for each in at_once.feed(b"".join(pieces))]


@given(
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True), st.text(max_size=20), max_size=8),
    st.binary(max_size=20),
)
def test_what_a_board_says_is_read_as_it_was_meant(values: dict[str, str], noise: bytes) -> None:
    pairs = "".join(f" {key}={encoded(value.encode())}" for key, value in values.items())
    line = noise.replace(b"\n", b"") + framed(f"@1 OK{pairs}".encode())
    heard = list(ReplyReader().feed(line))
    assert len(heard) == 1
    assert isinstance(heard[0], Reply) and heard[0].values == values and not heard[0].error


SOUND = framed(b"@1 OK digest=0123456789abcdef seq=1 state=written")


@given(st.integers(0, len(SOUND) - 1), st.integers(0, 7))
def test_any_single_flipped_bit_is_never_another_reply(at: int, bit: int) -> None:
    hurt = SOUND[:at] + bytes([SOUND[at] ^ 1 << bit]) + SOUND[at + 1 :]
    assert not [each for each in ReplyReader().feed(hurt + b"\n") if isinstance(each, Reply)]


def test_memory_is_bounded_when_a_board_never_ends_its_line() -> None:
    reader = ReplyReader()
    for _ in range(1000):
        assert not list(reader.feed(b"@" + b"x" * 4096))
    assert len(reader._frame) <= MAX_REPLY_BYTES + 1


@given(st.dictionaries(st.sampled_from(sorted(GOOD_ID)), st.one_of(st.none(), VALUES), max_size=6))
@example({"uid": "0000000000000000"})
@example({"proto": "2"})
def test_an_id_is_whole_or_a_fault_that_repeats_nothing_of_it(changes: dict[str, str | None]) -> None:
    values = {key: value for key, value in (GOOD_ID | changes).items() if value is not None}
    try:
        board = parse_id(values)
    except BoardFault as fault:
        assert fault.code in ("E208", "E202")
        assert LEAK not in fault.lines()
    else:
        assert re.fullmatch(r"[0-9a-z._-]{4,64}", board.uid)
        assert (board.digest is None) == (board.name is None)
        assert all(text.isprintable() for text in (board.board, board.firmware, str(board.name)))


BODIES = st.one_of(
    st.builds(
        lambda changes: "OK" + "".join(f" {k}={encoded(v.encode())}" for k, v in (GOOD_ID | changes).items()),
        st.dictionaries(st.sampled_from([*sorted(GOOD_ID), "digest", "proof", "state"]), VALUES, max_size=2),
    ),
    st.sampled_from(
        ["OK", "ERR", "ERR WRITTEN", "ERR STATE", "ERR CRC", "ERR NEVERHEARD", f"ERR {LEAK}", f"OK proof={'0' * 64}"]
    ),
    st.text(max_size=12),
)


@settings(max_examples=examples(40))
@given(st.lists(BODIES, min_size=1, max_size=8))
def test_a_hostile_board_is_a_result_or_one_of_our_faults_and_never_equal(bodies: list[str]) -> None:
    answers = iter(bodies)

    def hear(data: bytes) -> None:
        for tag in re.findall(rb"@([0-9a-f]{8}) ", data):
            body = next(answers, None)
            if body is not None:
                end.say(framed(b"@%s %s" % (tag, body.encode())))

    end = SerialEnd(hear)
    end.plug()
    try:
        patience = {"answer_s": 0.05, "flash_s": 0.05, "restart_s": 0.05, "attempts": 1}
        with closing(session_on(end.url, **patience)) as session:
            for step in (
                session.identify,
                lambda: session.write(single("cam-0001"), no_progress),
                lambda: session.read_back(single("cam-0001"), no_progress),
                session.restart,
            ):
                try:
                    result = step()
                except BoardFault as fault:
                    assert LEAK not in fault.lines()
                else:
                    assert getattr(result, "verdict", None) is not Verdict.EQUAL
    finally:
        end.unplug()


def test_a_flood_that_never_ends_still_ends_at_the_deadline() -> None:
    def hear(data: bytes) -> None:
        for _ in range(200):
            end.say(b"noise without end " * 50)
            end.pause(0.002)

    end = SerialEnd(hear)
    end.plug()
    with closing(session_on(end.url, answer_s=0.1, attempts=1)) as session, pytest.raises(BoardFault) as fault:
        session.identify()
    assert fault.value.code == "E201"
    end.unplug()


def test_an_encoding_of_what_needs_none_is_damage() -> None:
    heard = list(ReplyReader().feed(framed(b"@1 OK dn=%41") + framed(b"@2 OK dn=%4") + framed(b"@3 OK dn=A%20B")))
    assert [isinstance(each, Reply) for each in heard] == [False, False, True]


@given(st.binary(max_size=255))
def test_a_value_is_plain_ascii_on_the_line_and_comes_back(value: bytes) -> None:
    text = encoded(value)
    assert re.fullmatch(r"(?:[A-Za-z0-9._:-]|%[0-9A-F]{2})*", text)
    assert command("1", "PUT", "0", "DN", text).count(b"@") == 1
    with suppress(UnicodeDecodeError):
        (reply,) = ReplyReader().feed(framed(f"@1 OK value={text}".encode()))
        if isinstance(reply, Reply):
            assert reply.values["value"].encode() == value


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"bauds": 115200}, "bauds"),
        ({"baud": "fast"}, "baud"),
        ({"baud": True}, "baud"),
        ({"baud": 115200.5}, "baud"),
        ({"answer_s": 0}, "answer_s"),
        ({"answer_s": float("nan")}, "answer_s"),
        ({"attempts": 0}, "attempts"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError) as error:
        AgentTarget().check_options(options)
    assert f"“{key}”" in error.value.what


def test_sensible_options_are_taken() -> None:
    AgentTarget().check_options({"baud": 921600, "answer_s": 2, "flash_s": 30.0, "restart_s": 5, "attempts": 10})
