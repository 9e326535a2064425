# SPDX-License-Identifier: GPL-3.0-or-later
"""No test leaves a witness in the home of whoever runs it; commands that tests start inherit the place. No property
fails because the machine is busy."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests import hashing, memory, migrated, sampled, this_pc

settings.register_profile(
    "on a busy machine",
    deadline=None,
    max_examples=sampled.examples(100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("on a busy machine")


def pytest_configure() -> None:
    memory.write_there()
    migrated.copy_from_now_on()
    hashing.cheap()
    this_pc.known_from_now_on()
    if not sampled.WHOLE:  # or each worker reads every module of the house for constants worth a try: 4 s of CPU
        pytest.MonkeyPatch().setattr(providers, "_get_local_constants", lambda: providers.GLOBAL_CONSTANTS)
    gc.disable()  # nothing of what is collected goes before the end


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A campaign is tried by `make soak`, and where its file is named."""
    named = any(".py" in word for word in config.args)
    if not sampled.WHOLE and not named and (left := [item for item in items if item.get_closest_marker("campaign")]):
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


def pytest_collection_finish() -> None:
    """Half a million objects stay to the end: to walk them all again and again was a fifth of what tests cost. To walk
    what a test makes at each 700 objects was a tenth of what a screen does."""
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


def pytest_unconfigure() -> None:
    """Ends the PostgreSQL that some tests share, where one was started."""
    if used := sys.modules.get("tests.postgres.server"):
        used.remove_shared()


@pytest.fixture(autouse=True, scope="session")
def _state_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("state-home")
        patch.setenv("XDG_STATE_HOME", str(home))
        yield home


@pytest.fixture
def unlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pseudo terminals are in no list of serial ports: said at once. esptool finds it out by a walk through all of
    /dev, several times a connection, a quarter of what a simulated board costs."""
    import esptool.loader

    def not_listed(port: object) -> NoReturn:
        raise esptool.loader.PortVidPidNotFoundError(f"{port} is in no list")

    monkeypatch.setattr(esptool.loader, "get_port_vid_pid", not_listed)
