# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards behind `socket://`, as emulators of whole chips offer them: no lines, no reset, boot text, a strange wire."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import CertName, Port, Provider, State
from station.profiles.profile import Profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.esp import BoardSpec, EspBoard
from station.targets import get_target
from station.targets.esp import rom_trust as esp_rom_trust
from tests import forked
from tests.sampled import sampled
from tests.targets.esp_bench import MAC, PARTITIONS, aliyun, profile, single, stored
from tests.targets.esp_strange_wire import StrangeWire

IDENTITY = single()
PRODUCT = IDENTITY.primary.product_key


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as stock:
        batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
        stock.receive(batch, [IDENTITY, single("camera-000002")])
        yield stock


@pytest.fixture(autouse=True)
def no_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp_rom_trust, "_judged", {})


def emulated(chip: str, **more: Any) -> EspBoard:
    """It has one power cycle: who hangs up finds the loader where it was."""
    return EspBoard(
        BoardSpec(chip=chip, mac=MAC, partitions=PARTITIONS, tcp_port=0, reset_when_host_leaves=False, **more)
    )


def visit(ledger: Ledger, url: str, chip: str, **options: object) -> Visit:
    chosen = profile(chip, **options)
    chosen = Profile(name="esp", target="esp-nvs", products=(PRODUCT,), chips=chosen.chips, options=chosen.options)
    work = Job(ledger=ledger, target=get_target("esp-nvs"), profile=chosen, tell=lambda _visit: None)
    return flash(work, Port(url=url, slot="1"))


@pytest.mark.parametrize(
    ("chip", "loader", "lumps_s"),
    sampled(list(product(["esp32", "esp32c3", "esp32s3"], ["stub", "rom"], [None, 0.02])), 5, 1),
)
def test_a_board_passes_and_is_done_when_it_comes_again(
    ledger: Ledger, chip: str, loader: str, lumps_s: float | None
) -> None:
    fast = {"rom_fast_path": [chip]} if loader == "rom" else {}
    with emulated(chip) as board, StrangeWire(board.url, lumps_s=lumps_s, deaf=100) as wire:
        first = visit(ledger, wire.url, chip, **fast)
        assert first.outcome is Outcome.PASS, first.error
        assert stored(board) == aliyun(IDENTITY)
        writes = board.stats.programmed_bytes
        again = visit(ledger, wire.url, chip, **fast)
        assert again.outcome is Outcome.ALREADY_DONE, again.error
        assert board.stats.programmed_bytes == writes
        assert board.stats.stub_starts == (1 if loader == "stub" else 0)


def test_a_greeting_that_takes_longer_than_it_should_fails_no_board(ledger: Ledger) -> None:
    with emulated("esp32c3") as board, StrangeWire(board.url, lumps_s=0.15) as wire:
        seen = visit(ledger, wire.url, "esp32c3", rom_fast_path=["esp32c3"])
        assert seen.outcome is Outcome.PASS, seen.error
        assert stored(board) == aliyun(IDENTITY)


def test_the_commands_alone_flash_an_emulator_and_know_it_again(tmp_path: Path) -> None:
    config, csv = tmp_path / "station.toml", tmp_path / "triples.csv"
    secret = secrets.token_hex(16)
    csv.write_text(f"ProductKey,DeviceName,DeviceSecret\n{PRODUCT},{IDENTITY.primary.device_name},{secret}\n")
    (tmp_path / "esp.toml").write_text(
        f'name = "esp"\ntarget = "esp-nvs"\nproducts = ["{PRODUCT}"]\nchips = ["esp32"]\n[esp-nvs]\npreset = "aliyun"\n'
    )

    def station(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "station", *arguments]
        environment = {**os.environ, "STATION_CONFIG": str(config)}
        return forked.run(command, env=environment)

    def summary(run: subprocess.CompletedProcess[str]) -> dict[str, object]:
        assert run.returncode == 0, run.stderr
        last: dict[str, object] = json.loads(run.stdout.splitlines()[-1])
        return last

    made = station("init", "--file", str(config), "--state-dir", str(tmp_path / "state"))
    assert made.returncode == 0, made.stderr
    imported = station("import", str(csv))
    assert imported.returncode == 0, imported.stderr
    with emulated("esp32") as board, StrangeWire(board.url, lumps_s=0.0) as wire:
        run = ("flash", "--port", wire.url, "--profile", str(tmp_path / "esp.toml"), "--json")
        tried = station("profile", "try", str(tmp_path / "esp.toml"), "--port", wire.url)
        assert tried.returncode == 0, tried.stderr
        assert "partition 0x110000+0x6000" in tried.stdout
        assert summary(station(*run))["passed"] == 1
        assert stored(board)["aliyun-key/DeviceSecret"] == secret
        assert summary(station(*run))["already_done"] == 1


def test_an_emulator_of_another_chip_is_refused_before_anything_is_reserved(ledger: Ledger) -> None:
    with emulated("esp32") as board:
        seen = visit(ledger, board.url, "esp32c3")
    assert seen.error
    assert (seen.outcome, seen.error.code) == (Outcome.FAIL, "E202")
    assert "esp32" in seen.error.what


@pytest.mark.parametrize("cut_after", [60, 300, 700, 1100])
def test_a_peer_that_closes_is_a_lost_port_and_never_a_pass(ledger: Ledger, cut_after: int) -> None:
    with emulated("esp32c3") as board, StrangeWire(board.url, lumps_s=0.0, cut_after=cut_after) as wire:
        cut = visit(ledger, wire.url, "esp32c3", rom_fast_path=["esp32c3"])
        assert cut.error
        assert cut.error.code == "E311", cut.error
        assert cut.outcome in (Outcome.REMOVED, Outcome.IN_DOUBT)
        assert visit(ledger, wire.url, "esp32c3", rom_fast_path=["esp32c3"]).outcome is Outcome.PASS
        assert stored(board) == aliyun(IDENTITY)
    second = ledger.named(CertName(PRODUCT, "camera-000002"))
    assert second
    assert second.state is State.READY
