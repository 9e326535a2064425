# SPDX-License-Identifier: GPL-3.0-or-later
"""Pulls beside the slots: why one waits is known while it does, and a mistyped number is no batch for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.cloud.living.client import LivingLink
from station.cloud.paging import Patience
from station.codes import Code
from station.desk.desk import Batch
from station.desk.pulls import Pulls
from station.events import Notice
from station.intake.pull import How
from station.ledger.store import Ledger
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import QUICK, living_account
from tests.waiting import until

SOON = How(patience=Patience(seconds=0.0))


@pytest.fixture
def pulls(cloud: CloudSimulator, ledger: Ledger, tmp_path: Path) -> Iterator[Pulls]:
    def opened(_name: str) -> LivingLink:
        return LivingLink(living_account(cloud), token_folder=tmp_path / "tokens", calls_per_s=0, retry=QUICK)

    told: list[Notice] = []
    begun = Pulls(ledger, opened, told.append)
    yield begun
    begun.close()


def seen(pulls: Pulls, batch_id: str, holds: Callable[[Batch], bool]) -> Batch:
    """The batch, once that holds of it."""

    return until(lambda: next((one for one in pulls.batches() if one.batch_id == batch_id and holds(one)), None))


def test_why_nothing_comes_is_known_while_it_is_waited_for(pulls: Pulls) -> None:
    pulls.start("9999999", How())
    assert seen(pulls, "9999999", lambda one: one.lacks is not None).lacks is Code.E404
    pulls.stop("9999999")
    assert seen(pulls, "9999999", lambda one: not one.pulling).lacks is None


def test_a_mistyped_number_goes_when_the_right_one_is_pulled(pulls: Pulls, cloud: CloudSimulator) -> None:
    batch = cloud.produce(cloud.add_product("Fan"), amount=3).batch_id
    pulls.start("9999999", SOON)
    assert seen(pulls, "9999999", lambda one: not one.pulling).trouble is Code.E405  # it can be read
    pulls.start(batch, SOON)
    assert seen(pulls, batch, lambda one: not one.pulling).pulled == 3
    assert [one.batch_id for one in pulls.batches()] == [batch]


def test_one_that_is_begun_again_at_that_moment_can_still_be_stopped(
    pulls: Pulls, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulls.start("9999999", How())
    monkeypatch.setattr(pulls, "_mistyped", lambda: {"9999999", "8888888"})
    pulls.start("7777777", How())
    assert seen(pulls, "9999999", lambda one: one.pulling)
    pulls.stop("9999999")
    assert seen(pulls, "9999999", lambda one: not one.pulling)
