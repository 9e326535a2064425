# SPDX-License-Identifier: GPL-3.0-or-later
"""A console board in a socket and a session with it, per shipped profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from station.model import Port
from station.profiles.profile import Profile
from station.simulate.console import ConsoleBoard, Quirks
from station.targets.console.target import ConsoleSession, ConsoleTarget
from tests.console.console_bench import LABEL, UIDS


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as things:
        yield things


@pytest.fixture
def plug(tmp_path: Path, stack: ExitStack) -> Callable[..., ConsoleBoard]:
    """Put a board of a dialect into the one socket; keywords are its quirks."""

    def put(dialect: str, **quirks: Any) -> ConsoleBoard:
        return stack.enter_context(
            ConsoleBoard(
                dialect,
                uid=UIDS.get(dialect, "a1b2c3d4e5f6"),
                store=tmp_path / "storage.json",
                link=tmp_path / "slot1",
                quirks=Quirks(**quirks),
            )
        )

    return put


@pytest.fixture
def talk(tmp_path: Path, stack: ExitStack) -> Callable[..., ConsoleSession]:
    """Open a session with the board in the socket."""

    def open_session(profile: Profile, label: str | None = None) -> ConsoleSession:
        port = Port(url=str(tmp_path / "slot1"), slot="1")
        scanned = (label or LABEL) if profile.scan_label else None
        return stack.enter_context(closing(ConsoleTarget().open(port, profile, label=scanned)))

    return open_session
