# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger in a real file, or on a real server, opened as often as a test likes.

What a test says of the ledger's face it says of both engines. One that looks into SQLite's file, or breaks it, is
marked `sqlite`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.ledger.engine import Engine
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.secrets.vault import Vault
from tests.postgres.conftest import emptied, server

__all__ = ["emptied", "server"]

BOTH = frozenset(
    "test_" + name
    for name in (
        "believed",
        "board_keys",
        "channels",
        "completing",
        "disputes",
        "flashable",
        "life",
        "one_batch",
        "locks",
        "lost_claims",
        "missed_stays",
        "printed",
        "product_secret_later",
        "reason_codes",
        "receiving",
        "rehearsed",
        "requests_of_the_dead",
        "scan_backs",
        "serials",
        "short_sets",
        "sorted_pages",
        "waiting_sets",
        "way_back",
    )
)
"""Modules that speak of the face."""
ENGINES = [pytest.param("sqlite", id=pytest.HIDDEN_PARAM), "postgresql"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    of_file = metafunc.definition.get_closest_marker("sqlite") is not None
    if "engine" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in BOTH and not of_file:
        metafunc.parametrize("engine", ENGINES, indirect=True)


@pytest.fixture
def data_key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """ "sqlite" or "postgresql"."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def place(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], Path | Engine]:
    """Where the ledger is, each time it is opened."""
    state = tmp_path / "state"
    if engine == "sqlite":
        return lambda: state / "ledger.db"
    state.mkdir(mode=0o700)
    url = request.getfixturevalue("server").url(request.getfixturevalue("emptied").name, BENCH)
    return lambda: LineConnection(url, state / "line")


@pytest.fixture
def open_ledger(place: Callable[[], Path | Engine], data_key: bytes) -> Iterator[Callable[[], Ledger]]:
    """Opens the same one again and again, as several processes would."""
    opened: list[Ledger] = []

    def open_again() -> Ledger:
        opened.append(Ledger(place(), Vault(data_key)))
        return opened[-1]

    yield open_again
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[[], Ledger]) -> Ledger:
    return open_ledger()
