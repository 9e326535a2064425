# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger with certificates in it, and the counter that gives them out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.ledger.store import Ledger
from station.secrets.vault import Vault
from tests.distribution.line_clients import Desk, stock


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(tmp_path / "state" / "ledger.db", Vault(bytes(range(32)))))
        ledger.receive(*stock(4))
        made = Desk(ledger)
        stack.callback(made.close)
        yield made
