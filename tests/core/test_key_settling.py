# SPDX-License-Identifier: GPL-3.0-or-later
"""Of two keys the ledger's stays, whatever is left of the other; and what a key file held is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.errors import ConfigError
from station.model import Secret
from station.secrets.asked_for import next_of
from station.secrets.changing import move, settle
from station.secrets.keys import create_key, open_vault


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """One that a ledger is sealed with, or not; another one waits beside it."""
    made = tmp_path / "key"
    create_key(made)
    create_key(next_of(made))
    return made


def nothing() -> Secret:
    return Secret("")


@pytest.mark.parametrize("may_drop", [False, True])
def test_a_key_that_waits_for_a_change_goes_at_the_word_of_who_may_change_keys(key: Path, *, may_drop: bool) -> None:
    """Whoever else starts meanwhile would take it away from under the change, and the ledger is sealed with it next."""
    settle(key, open_vault(key).key_id(), nothing, drop=may_drop)
    assert next_of(key).exists() is not may_drop


@pytest.mark.parametrize("belongs", ["another", None])
def test_of_two_keys_that_the_ledger_names_neither_of_both_stay(key: Path, belongs: str | None) -> None:
    ids = [open_vault(one).key_id() for one in (key, next_of(key))]
    settle(key, belongs, nothing, drop=True)
    assert [open_vault(one).key_id() for one in (key, next_of(key))] == ids


def test_the_bytes_of_a_key_file_that_was_replaced_are_overwritten(key: Path) -> None:
    with key.open("rb") as old:
        held = len(old.read())
        move(key, nothing, wrap="scrypt", passphrase=Secret("right and long"))
        old.seek(0)
        assert old.read() == bytes(held)


def test_a_key_file_that_has_another_name_keeps_its_bytes(key: Path, tmp_path: Path) -> None:
    """Whoever linked it has it as a backup."""
    held = open_vault(key).key_id()
    (tmp_path / "backup").hardlink_to(key)
    move(key, nothing, wrap="scrypt", passphrase=Secret("right and long"))
    assert open_vault(tmp_path / "backup").key_id() == held
    with pytest.raises(ConfigError):
        open_vault(key)
