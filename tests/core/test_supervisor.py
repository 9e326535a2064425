# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor's PIN: wrong tries make everybody wait, and nobody longer than they must, whatever the clock does."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import NeedsPerson, UsageError
from station.ledger.store import Ledger
from station.model import Secret
from station.people import check_pin, has_pin, set_pin
from station.vault import Vault

RIGHT, WRONG = Secret("246810"), Secret("999999")
NOON = 1_800_000_000.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as ledger:
        set_pin(ledger, RIGHT)
        yield ledger


def refusal(ledger: Ledger, pin: Secret, at: float) -> str:
    """The code it was refused with; empty when it was taken."""
    try:
        check_pin(ledger, pin, purpose="test", clock=at)
    except NeedsPerson as error:
        return error.code
    return ""


def five_wrong(ledger: Ledger, at: float) -> None:
    assert [refusal(ledger, WRONG, at) for _ in range(5)] == ["E605"] * 5


def test_after_five_wrong_pins_even_the_right_one_waits_a_minute(ledger: Ledger) -> None:
    five_wrong(ledger, NOON)
    assert refusal(ledger, RIGHT, NOON + 59) == "E606"
    assert refusal(ledger, WRONG, NOON + 61) == "E605"
    assert refusal(ledger, RIGHT, NOON + 62) == "E606"  # each further wrong one costs another minute
    assert refusal(ledger, RIGHT, NOON + 122) == ""
    assert refusal(ledger, WRONG, NOON + 123) == "E605"
    assert refusal(ledger, RIGHT, NOON + 124) == ""


def test_a_clock_that_was_wrong_and_is_set_right_locks_nobody_out_for_years(ledger: Ledger) -> None:
    five_wrong(ledger, NOON + 10 * 365 * 86400)
    assert refusal(ledger, RIGHT, NOON) == ""


def test_a_pin_has_six_characters_and_is_nowhere_in_the_file(ledger: Ledger) -> None:
    with pytest.raises(UsageError):
        set_pin(ledger, Secret("12345"))
    assert has_pin(ledger)
    path = ledger.connection.path
    ledger.close()
    assert all(RIGHT.reveal().encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_each_use_and_each_failure_is_an_audit_line(ledger: Ledger) -> None:
    before = ledger.audit_head().seq
    refusal(ledger, WRONG, NOON)
    refusal(ledger, RIGHT, NOON)
    assert ledger.audit_head().seq == before + 2
