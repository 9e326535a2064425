# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do to commands at a shell: pipe them into `head`, run them where nothing can be written."""

from __future__ import annotations

import os
import subprocess

import pytest

from station.codes import Exit
from tests.newcomer.newcomer_home import Home


@pytest.mark.parametrize("words", ["certs --json", "report export"])
def test_a_reader_that_goes_away_is_no_failure(words: str, home: Home) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    station = subprocess.Popen(
        [home.bin / "station", *words.split()],
        cwd=home.folder,
        env=home.environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    _, said = station.communicate(timeout=60)
    assert (station.returncode, said) == (Exit.OK, "")


def test_a_list_that_was_cut_says_so(home: Home) -> None:
    assert "--offset 1" in home.station("certs", "--limit", "1").stderr
    assert home.station("certs", "--limit", "3").stderr == ""


@pytest.mark.parametrize("words", ["status", "import certificates.csv"])
def test_a_full_disk_is_the_stations_fault_and_says_so(words: str, home: Home) -> None:
    done = home.run("bash", "-c", f"ulimit -f 1; station {words}")
    assert (done.returncode, done.stderr[:2]) == (Exit.STATION_FAULT, "E3"), done.stderr
    assert "disk" in done.stderr
    assert home.ok("audit", "verify").startswith("intact")


def test_half_a_copied_audit_head_is_a_slip_not_tampering(home: Home) -> None:
    head = str(home.lines("audit", "verify", "--json")[0]["head"])
    assert home.station("audit", "verify", "--head", head).returncode == Exit.OK
    assert home.station("audit", "verify", "--head", head[:40]).returncode == Exit.USAGE
    assert home.station("audit", "verify", "--head", head[::-1]).returncode == Exit.INTEGRITY
