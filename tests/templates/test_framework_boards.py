# SPDX-License-Identifier: GPL-3.0-or-later
"""The framework templates' own code, run: the station flashes it through stubs of the framework that behave like chips.

Flash behind them is what the template says it is written for: double words with ECC, programmed once; whole pages; a
partition aligned to 16 bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.model import Holding, Identity, Method, Verdict
from station.targets.base import no_progress
from tests.firmware.firmware_bench import NEW, OLD, UID, certificate, provision, stored
from tests.firmware.firmware_wire import Wire
from tests.firmware.test_protocol_examples import (
    test_every_example_of_the_protocol_page_happens_on_the_board as replay_the_protocol_page,
)
from tests.sampled import WHOLE
from tests.targets.agent_bench import nvr, session_on, single
from tests.templates.framework_board import TEMPLATES, FrameworkBoard, build_port

UIDS = {"esp-idf": UID[4:], "arduino-esp32": UID[4:], "stm32-hal": f"{UID}00c0ffee", "stm32-h7": f"{UID}00c0ffee"}

ONE_OF_EACH = ("esp-idf", "stm32-h7", "zephyr", "arduino-esp32")
"""Frameworks: a program takes 2 s of CPU to compile with its sanitizers."""

Start = Callable[[], FrameworkBoard]


@pytest.fixture(scope="module", params=TEMPLATES if WHOLE else ONE_OF_EACH)
def port(request: pytest.FixtureRequest) -> tuple[str, Path]:
    return request.param, build_port(request.param)


def held_by(board: FrameworkBoard, port: tuple[str, Path]) -> Identity | None:
    return stored(board.flash_file, unit=TEMPLATES[port[0]].unit)


@pytest.fixture
def board(port: tuple[str, Path], tmp_path: Path) -> Iterator[FrameworkBoard]:
    with FrameworkBoard(port[1], UID, tmp_path / "flash.bin", link=tmp_path / "tty") as powered:
        yield powered


def test_the_station_writes_replaces_proves_and_finds_it_again(port: tuple[str, Path], board: FrameworkBoard) -> None:
    with closing(session_on(board.url)) as session:
        before = session.identify()
        assert (before.uid, before.holding) == (UIDS.get(port[0], UID), Holding.BLANK)
        for identity in (single("cam-0001", product_secret="pS"), nvr("nvr-0001", cameras=4), single("cam-0002")):
            session.identify()
            session.write(identity, no_progress)
            session.restart()
            found = session.read_back(identity, no_progress)
            assert (found.verdict, found.method) == (Verdict.EQUAL, Method.PROOF)
            assert held_by(board, port) == Identity(primary=identity.primary, channels=identity.channels)
    assert b"secret-of-cam-0001" not in board.flash_file.read_bytes()


def test_every_example_of_the_protocol_page_happens(port: tuple[str, Path], board: FrameworkBoard) -> None:
    if port[0] not in UIDS:  # the page's proofs are those of its own uid, which these chips' are too long or short for
        replay_the_protocol_page(board)


def test_killed_at_any_moment_of_a_commit_it_holds_the_old_or_the_new_identity(
    port: tuple[str, Path], board: FrameworkBoard
) -> None:
    held = OLD
    for number in range(11):
        with Wire(board) as wire:
            answer = wire.wait_until_up()
            if number == 0:
                assert all(wire.exchange(each).split(" ")[1] == "OK" for each in provision(OLD))
                continue
            assert f" digest={held.digest()} " in answer
            fresh = Identity(primary=certificate(f"cam-{number}", f"secret-{number}"))
            *puts, commit = provision(fresh, replace=held)
            for each in puts:
                wire.exchange(each)
            wire.send(commit)
            time.sleep(number * 0.0001)
            board.kill()
        board.power_off()
        found = held_by(board, port)
        assert found in (held, fresh)
        held = found or held
        board.power_on()


def test_a_locked_board_stays_as_it_is(port: tuple[str, Path], board: FrameworkBoard) -> None:
    with Wire(board) as wire:
        wire.wait_until_up()
        for each in provision(OLD):
            wire.exchange(each)
        assert wire.ask("@1 LOCK") == "@1 OK"
        assert wire.ask("@2 RESET") == "@2 OK"
        assert " state=locked " in wire.wait_until_up()
        assert wire.exchange(provision(NEW, replace=OLD)[0]) == "@p0 ERR LOCKED"
    assert held_by(board, port) == OLD
