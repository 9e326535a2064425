# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated cloud, a ledger in a folder of its own, and a client between them, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cloud.http import Retry
from station.cloud.living import LivingAccount, LivingLink
from station.ledger.store import Ledger
from station.model import Secret
from station.simulate.cloud import CloudSimulator
from station.vault import Vault

KEY = bytes(range(32))


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="intake") as simulator:
        yield simulator


@pytest.fixture
def living(cloud: CloudSimulator, tmp_path: Path) -> LivingLink:
    account = LivingAccount(
        url=cloud.url,
        app_key=cloud.living_key,
        app_secret=Secret(cloud.living_secret),
        project_id=cloud.project_id,
    )
    quick = Retry(attempts=3, first_wait_s=0.01, longest_wait_s=0.02)
    return LivingLink(account, token_folder=tmp_path / "tokens", calls_per_s=0, retry=quick)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger" / "ledger.db", Vault(KEY)) as opened:
        yield opened
