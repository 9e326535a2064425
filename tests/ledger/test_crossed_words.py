# SPDX-License-Identifier: GPL-3.0-or-later
"""Two supervisors at two benches decide one matter at once: the first word stays, the second is refused by name."""

from __future__ import annotations

import pytest

from station.codes import Code
from station.errors import ConfigError
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.model import State
from station.rules import Choice
from tests.ledger.ledger_samples import BATCH, single
from tests.ledger.test_disputes import CAM, disputed, held


@pytest.mark.parametrize("scope", ["1", STATION])
def test_a_lock_is_lifted_once_and_the_second_is_told_by_whom(ledger: Ledger, scope: str) -> None:
    ledger.locks.lock(scope, Code.E602, "bent pins")
    ledger.locks.unlock(scope, "straightened", by="Wang Fang")
    head = ledger.audit.head()
    with pytest.raises(ConfigError, match="already, by Wang Fang: straightened") as refused:
        ledger.locks.unlock(scope, "looked fine to me", by="Li Wei")
    assert refused.value.code is Code.E116
    assert ledger.audit.head() == head
    ledger.locks.lock(scope, Code.E602, "bent again")
    ledger.locks.unlock(scope, "straightened again", by="Li Wei")
    assert ledger.locks.held() == {}


def test_what_was_never_locked_may_be_unlocked(ledger: Ledger) -> None:
    """The failures up to now are forgotten, by a person's word."""
    ledger.locks.unlock("1", "the shift begins", by="Li Wei")


@pytest.mark.parametrize("second", Choice)
@pytest.mark.parametrize("first", Choice)
def test_a_dispute_is_settled_once_and_the_second_is_told_by_whom(
    ledger: Ledger, first: Choice, second: Choice
) -> None:
    disputed(ledger)
    seen = ledger.disputes.open()  # by both
    ledger.disputes.settle(seen, first, "the cloud says so", by="Wang Fang")
    kept, head = held(ledger), ledger.audit.head()
    with pytest.raises(ConfigError, match="settled already, by Wang Fang: the cloud says so") as refused:
        ledger.disputes.settle(seen, second, "the paper says so", by="Li Wei")
    assert refused.value.code is Code.E116
    assert (held(ledger), ledger.audit.head()) == (kept, head)


def test_what_is_retired_or_let_back_already_names_whose_word_it_was(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam")])
    ledger.retire(CAM, "scrap", by="Wang Fang")
    with pytest.raises(ConfigError, match="is RETIRED: retired by Wang Fang: scrap"):
        ledger.retire(CAM, "lost", by="Li Wei")
    with pytest.raises(ConfigError, match="is RETIRED, not WITHHELD: retired by Wang Fang: scrap"):
        ledger.withheld.let_back(CAM, "found again", by="Li Wei")
    assert ledger.stock.by_state()[State.RETIRED] == 1
