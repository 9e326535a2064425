# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards that speak the agent protocol: simulated ones, and the real firmware on two emulators."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from station.simulate import agent_board, agent_store, firmware_image
from tests.sampled import WHOLE
from tests.targets.agent_bench import EMULATED, SIMULATED, UID, MakeBoard, OnBench, make_kind, session_on


@pytest.fixture(autouse=True)
def _unlisted(unlisted: None) -> None:
    pass


@pytest.fixture(params=(*SIMULATED, *EMULATED) if WHOLE else SIMULATED)
def make_board(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeBoard]:
    """`make_board(uid)`: a board with power; the same uid again finds what it stored. Where a test does not choose its
    kinds, `make test` has the simulated ones alone: an emulator takes a third of a second of CPU to start."""
    with ExitStack() as bench:

        def make(uid: str = UID) -> OnBench:
            store, link = tmp_path / f"{uid}.flash", tmp_path / f"tty{uid}"
            board = make_kind(request.param, uid, store, link)
            bench.enter_context(board)
            if request.param in ("unicorn", "qemu"):  # its port is there before it runs, by seconds on a busy machine
                with closing(session_on(board.url, attempts=80)) as session:
                    session.identify()
            version = 1 if request.param == "simulated 1" else 2
            image = agent_board if request.param.startswith("simulated") else firmware_image
            return OnBench(
                board, lambda: image.read_identity(store) if store.exists() else None, lambda: locked(store), version
            )

        def locked(store: Path) -> bool:
            if request.param.startswith("simulated"):
                return agent_store.AgentStore(store).locked
            record = firmware_image.read_record(store)
            return record is not None and record.locked

        yield make
