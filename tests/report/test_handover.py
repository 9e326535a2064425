# SPDX-License-Identifier: GPL-3.0-or-later
"""A hand-over is saved whole and the next shift begins, or nothing has happened."""

from __future__ import annotations

import errno
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.desk import handing_over
from station.desk.handing_over import hand_over
from station.errors import LedgerFault, StationFault
from station.ledger.store import Ledger
from station.people.shift import Shift, begin_shift, present_shift
from station.report.handover import take_stock
from station.secrets.vault import Vault


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32)), actor="bench-7") as made:
        made.operator = begin_shift(made, "1042").operator
        yield made


def shift(ledger: Ledger) -> Shift:
    found = present_shift(ledger)
    assert found is not None
    return found


def hand(ledger: Ledger, to: str, folder: Path) -> Path:
    return hand_over(ledger, take_stock(ledger), to, folder=folder, text=f"to {to}\n")


def test_two_hand_overs_in_one_second_are_two_pairs_of_files(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_790_000_000.0)
    paths = [hand(ledger, to, tmp_path / "reports") for to in ("1", "2", "3")]
    assert [path.read_text("utf-8") for path in paths] == ["to 1\n", "to 2\n", "to 3\n"]
    assert [json.loads(path.with_suffix(".json").read_text("utf-8"))["to"] for path in paths] == ["1", "2", "3"]
    assert [path.stem.rpartition("-")[2] for path in paths[1:]] == ["2", "3"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "reports").iterdir()} == {0o600}


def test_a_folder_that_is_none_is_said_and_the_shift_goes_on(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in its way", "utf-8")
    before = shift(ledger)
    with pytest.raises(StationFault, match=r"not saved in .*: File exists") as told:
        hand(ledger, "2001", tmp_path / "reports")
    assert (told.value.code, told.value.means) == ("E300", "the shift goes on")
    assert (shift(ledger), ledger.operator) == (before, "1042")


@pytest.mark.parametrize("which", [1, 2])
def test_a_full_disk_leaves_neither_file(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    written, before = [], shift(ledger)
    fdopen = os.fdopen

    def on_a_full_disk(*arguments: Any, **more: Any) -> Any:
        file = fdopen(*arguments, **more)
        written.append(file)
        if len(written) == which:
            file.flush = full
        return file

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", on_a_full_disk)
    with pytest.raises(StationFault, match="No space left"):
        hand(ledger, "2001", tmp_path / "reports")
    assert list((tmp_path / "reports").iterdir()) == []
    assert shift(ledger) == before


def test_a_shift_that_cannot_begin_leaves_no_report_that_says_it_did(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_ledger: Ledger, _to: str) -> Shift:
        raise LedgerFault("disk I/O error")

    monkeypatch.setattr(handing_over, "begin_shift", refused)
    with pytest.raises(LedgerFault):
        hand(ledger, "2001", tmp_path / "reports")
    assert list((tmp_path / "reports").iterdir()) == []
    assert ledger.operator == "1042"
