# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards that are slow to end an answer, or busy: no line is sent into an answer, and “ask again” is obeyed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import pytest

from station.errors import AnotherBoard, BoardFault, ConfigError
from station.model import Verdict
from station.simulate.console import DIALECTS, ConsoleBoard, Quirks, read_identity
from station.targets.base import no_progress
from station.targets.console import line as line_module
from station.targets.console.line import ConsoleLine
from station.targets.console.spec import Field, Write
from station.targets.console.target import ConsoleSession
from station.targets.console.template import render
from tests.console.console_bench import a_profile, an_identity
from tests.waiting import PATIENCE_S

Plug = Callable[..., ConsoleBoard]
Talk = Callable[..., ConsoleSession]


def whole_visit(session: ConsoleSession, identity: object) -> Verdict:
    session.identify()
    session.write(identity, no_progress)  # type: ignore[arg-type]
    session.restart()
    return session.read_back(identity, no_progress).verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DIALECTS)
def test_no_line_is_sent_before_the_answer_to_the_last_one_has_ended(name: str, plug: Plug, talk: Talk) -> None:
    """The last line of an answer (OK, a prompt) comes long after what was asked for."""
    profile = a_profile(name, timeout_s=3.0)
    board = plug(name, ends_late_s=0.08)
    identity = an_identity(profile)
    assert whole_visit(talk(profile), identity) is Verdict.EQUAL
    assert read_identity(board.store, name) == [identity.primary]
    for step in profile.options["write"]:  # type: ignore[attr-defined]
        begins = step["line"].partition("{")[0]
        steps = [one for one in profile.options["write"] if one["line"].startswith(begins)]  # type: ignore[attr-defined]
        assert sum(line.startswith(begins) for line in board.lines) == len(steps), "it was said twice"


def test_a_board_that_is_busy_is_asked_again(plug: Plug, talk: Talk) -> None:
    busy = {"answer": r"^busy [ps]\.\.\.", "again_s": 0.02, "at_most_s": 3.0}
    board, profile = plug("esp-at-sysmfg", busy=0.4, seed=7), a_profile("esp-at-sysmfg", busy=busy)
    assert whole_visit(talk(profile), an_identity(profile)) is Verdict.EQUAL
    assert read_identity(board.store, "esp-at-sysmfg") == [an_identity(profile).primary]


def test_a_board_that_takes_a_busy_ones_place_is_not_told_the_line_again(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret least of all."""
    profile = a_profile("esp-at-sysmfg", busy={"answer": r"^busy [ps]\.\.\.", "again_s": 0.02, "at_most_s": 60.0})
    board, identity = plug("esp-at-sysmfg"), an_identity(profile)
    say, wait, swapped_at = ConsoleSession._say_step, ConsoleLine.wait, list[int]()

    def said_to_a_busy_one(session: ConsoleSession, step: Write, values: Mapping[Field, str]) -> None:
        if identity.primary.device_secret.reveal() in render(step.line, values) + render(step.data, values):
            board._quirks = Quirks(busy=1.0)
        say(session, step, values)

    def swapped(line: ConsoleLine, seconds: float) -> None:
        if board._quirks.busy:
            board._quirks, board.uid = Quirks(), "a1b2c3d4e5ff"
            board.switch_off_and_on()
            swapped_at.append(len(board.lines))
        wait(line, seconds)

    monkeypatch.setattr(ConsoleSession, "_say_step", said_to_a_busy_one)
    monkeypatch.setattr(ConsoleLine, "wait", swapped)
    session = talk(profile)
    session.identify()
    with pytest.raises(AnotherBoard) as fault:
        session.write(identity, no_progress)
    assert fault.value.uid == board.uid
    assert not [line for line in board.lines[swapped_at[0] :] if "AT+SYSMFG=2" in line]
    assert read_identity(board.store, "esp-at-sysmfg") is None  # which the first one shares: a part is none


def test_a_board_that_stays_busy_is_given_up_in_bounded_time_and_says_so(plug: Plug, talk: Talk) -> None:
    profile = a_profile("esp-at-sysmfg", busy={"answer": "^busy", "again_s": 0.05, "at_most_s": 0.5})
    board = plug("esp-at-sysmfg")
    session = talk(profile)
    session.identify()
    board._quirks = type(board._quirks)(busy=1.0)
    started = time.monotonic()
    with pytest.raises(BoardFault, match="busy") as fault:
        session.write(an_identity(profile), no_progress)
    assert fault.value.code == "E203"
    assert time.monotonic() - started < 30
    assert read_identity(board.store, "esp-at-sysmfg") is None


@pytest.mark.parametrize(
    ("heard", "says"),
    [
        (b"ERROR\r\nOK\r\n", "refuses"),
        (b"busy p...\r\nOK\r\n", "busy"),
        (b"OK\r\nERROR\r\n", ""),
        (b"OK\r\nbusy p...\r\n", ""),
    ],
)
def test_what_an_answer_says_first_counts(heard: bytes, says: str, plug: Plug, talk: Talk) -> None:
    """A prompt, or the end of an answer, follows a refusal as well."""
    plug("esp-at-sysmfg")
    session = talk(a_profile("esp-at-sysmfg"))
    session._line._heard[:] = heard
    with pytest.raises(BoardFault, match=says) if says else nullcontext():
        session._line.hear([session._spec.probe.success], PATIENCE_S, "the line")


def test_a_board_that_never_stops_logging_does_not_fill_the_memory(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "_KEEP_BYTES", 64)
    board = plug("esp-at-sysmfg")
    session = talk(a_profile("esp-at-sysmfg"))
    session._line.forget()
    board._end.say(b"wifi: beacon\r\n" * 100 + b"OK\r\n")
    session._line.hear([session._spec.probe.success], PATIENCE_S, "the line")
    assert len(session._line._heard) <= 64


def test_an_end_that_never_comes_costs_time_and_nothing_else(plug: Plug, talk: Talk) -> None:
    board, profile = plug("zephyr-settings"), a_profile("zephyr-settings", end="^never$", timeout_s=0.5)
    talk(profile).write(an_identity(profile), no_progress)
    assert read_identity(board.store, "zephyr-settings") == [an_identity(profile).primary]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"busy": {"again_s": 0.2}}, "console.busy.answer is missing"),
        ({"busy": {"answer": "^busy", "again_s": 0}}, "console.busy.again_s must be more than 0"),
        ({"busy": {"answer": "^busy", "retries": 3}}, "console.busy.retries is not a key here"),
        ({"end": "(?"}, "console.end is not a pattern"),
    ],
)
def test_what_is_wrong_with_these_keys_is_said(keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as fault:
        a_profile("zephyr-settings", **keys)
    assert says in fault.value.what
