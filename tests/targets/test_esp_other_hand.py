# SPDX-License-Identifier: GPL-3.0-or-later
"""The target on a simulated board that others wrote: nothing in it knows ours.

esp32-mock-bootloader has one MAC per chip and no erase when a ROM download begins, so its partition is blanked first.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import esptool.cmds
import pytest

from station.model import Holding, Port, Verdict
from station.simulate.esp import partition_table
from station.targets.base import no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp.target import EspNvsTarget
from tests.targets.esp_bench import FCTRY, PARTITIONS, SIZE, profile, single

pytest.importorskip("esp32_mock_bootloader", reason="the dev extra is not installed")


@pytest.fixture
def url(chip: str) -> Iterator[str]:
    command = [sys.executable, "-m", "esp32_mock_bootloader.cli", "run", "--pty", "--chip", chip]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout
            link = program.stdout.readline().strip()
            with esptool.cmds.detect_chip(link, connect_mode="no-reset") as rom:
                stub = esptool.cmds.run_stub(rom)
                blank = [(0x8000, partition_table(PARTITIONS)), (FCTRY, b"\xff" * SIZE)]
                esptool.cmds.write_flash(stub, blank, no_progress=True)
                esptool.cmds.reset_chip(stub, "no-reset")
            yield link
        finally:
            program.terminate()


@pytest.mark.parametrize("loader", ["stub", "rom"])
@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_an_identity_goes_on_it_and_is_proved(
    url: str, chip: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(esp_rom_trust, "_judged", {})
    using = profile(chip, reset="no-reset", rom_fast_path=[chip] if loader == "rom" else [])
    identity = single()
    session = EspNvsTarget().open(Port(url=url, slot="1"), using)
    try:
        before = session.identify()
        assert before.holding is Holding.BLANK
        session.require_room(identity)
        session.write(identity, no_progress)
        assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
        session.restart()
        assert session.read_back(identity, no_progress).digest == identity.digest()
        assert session.identify().uid == before.uid
    finally:
        session.close()
