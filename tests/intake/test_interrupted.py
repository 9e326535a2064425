# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C in a real terminal's way: the page in hand is stored, and the next run goes on."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

from station.codes import Exit
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station
from tests.started import start


def test_ctrl_c_ends_a_pull_between_two_pages(cloud: CloudSimulator, station: Station, config_file: Path) -> None:
    key = cloud.add_product("Fan").product_key
    batch = json.loads(station("batch", "generate", "--yes", "--product", key, "--amount", 1000, "--json")[1])["batch"]
    cloud.add_faults("path=*/query do=delay:0.05")
    command = [sys.executable, "-c", "from station.cli import main; main()", "--config", str(config_file)]
    process = start([*command, "pull", batch, "--json"])
    while sum(seen.path.endswith("/query") for seen in cloud.requests) < 2:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    told = json.loads(out)
    assert (process.returncode, told["complete"]) == (Exit.INTERRUPTED, False)
    assert 0 < told["held"] < 1000
    assert f"station pull {batch}" in err
    cloud.clear_faults()
    again = json.loads(station("pull", batch, "--json")[1])
    assert (again["held"], again["new"]) == (1000, 1000 - told["held"])
