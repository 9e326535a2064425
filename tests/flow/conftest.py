# SPDX-License-Identifier: GPL-3.0-or-later
"""A test's bench, made anew for each test."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.ledger.store import Ledger
from station.profiles.profile import Profile
from station.secrets.vault import Vault
from station.targets import get_target
from tests.flow.flow_table import PATIENT, PRODUCT, Table
from tests.raw import vault_of


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    profile = Profile(name="test", target="agent", products=(PRODUCT,), options=PATIENT)
    get_target("agent").check_options(profile.options)
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as ledger, ExitStack() as stack:
        yield Table(ledger, tmp_path, profile, stack)


@pytest.fixture
def reopen(table: Table) -> Callable[[], Ledger]:
    """The ledger as the next process sees it."""

    def again() -> Ledger:
        vault = vault_of(table.ledger)
        table.ledger.close()
        table.ledger = Ledger(table.folder / "ledger.db", vault)
        table.ledger.recover()
        table.stack.callback(table.ledger.close)
        return table.ledger

    return again
