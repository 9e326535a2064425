# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the fault sweep: whatever happens at whatever byte, PASS is never wrong and no identity is on two boards.

The whole sweep is a benchmark (tests/benchmarks/bench_esp_faults.py): it takes minutes and prints its count.
"""

from __future__ import annotations

from pathlib import Path

import esptool.loader
import pytest

from station.simulate.esp import Toward
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp.board import Board
from tests.sampled import sampled
from tests.targets.esp_sweep import FAULTS, WORDS, Case, Loader, Swap, lengths, run, sample, sweep


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esptool.loader, "MAX_TIMEOUT", esptool.loader.MAX_TIMEOUT)
    monkeypatch.setattr(esp_rom_trust, "_judged", {})


@pytest.mark.parametrize(("chip", "loader"), [("esp32c3", Loader.STUB), ("esp32", Loader.ROM)])
def test_no_fault_makes_a_wrong_pass_or_puts_an_identity_on_two_boards(
    chip: str, loader: Loader, tmp_path: Path
) -> None:
    cases = sampled(sample(chip, loader, 1, tmp_path / "probe", seed=20240217), 5)  # prime to how many faults there are
    counts, wrong = sweep(cases, tmp_path)
    assert wrong == []
    assert sum(counts[word] for word in WORDS) == len(cases)
    assert {case.fault for case in cases} == set(FAULTS)
    assert counts["IN_DOUBT"] > len(cases) // 4  # the faults do bite


@pytest.mark.parametrize("asked", [False, True], ids=["mac not asked again", "mac asked again"])
def test_the_sweep_sees_what_the_last_question_is_good_for(
    asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless the MAC is asked after the erase has begun, a blank board that was swapped in takes the identity."""
    writing = lengths("esp32c3", Loader.ROM, tmp_path / "probe")["write", Toward.BOARD]
    first = Case("esp32c3", Loader.ROM, "write", Toward.BOARD, writing.start, Swap.SWAP, other_is_blank=True)
    if not asked:
        monkeypatch.setattr(Board, "_require_same", lambda _self: None)
    assert (run(first, tmp_path / "tty").wrong == "") is asked
