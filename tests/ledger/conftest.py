# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger in a real file, opened as often as a test likes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.ledger.store import Ledger
from station.secrets.vault import Vault


@pytest.fixture
def data_key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def open_ledger(tmp_path: Path, data_key: bytes) -> Iterator[Callable[[], Ledger]]:
    """Opens the same file again and again, as several processes would."""
    opened: list[Ledger] = []

    def open_again() -> Ledger:
        opened.append(Ledger(tmp_path / "state" / "ledger.db", Vault(data_key)))
        return opened[-1]

    yield open_again
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[[], Ledger]) -> Ledger:
    return open_ledger()
