# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger with eight certificates' room, and a factory's system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.ledger.store import Ledger
from station.secrets.vault import Vault
from tests.outbox.stays import Mes


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "state" / "ledger.db", Vault(bytes(range(32)))) as made:
        yield made


@pytest.fixture
def mes() -> Mes:
    return Mes()
