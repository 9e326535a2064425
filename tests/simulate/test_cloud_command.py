# SPDX-License-Identifier: GPL-3.0-or-later
"""`station simulate cloud` as a process: prints what to configure, serves, ends on a signal, remembers on request."""

from __future__ import annotations

import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from station.cli.simulate import simulate
from station.simulate.cloud import mishaps, quirks
from station.simulate.cloud.faults import plain
from tests.started import rest_of, start

COMMAND = "from station.cli.simulate import simulate; simulate()"


def run(state: Path, ends: signal.Signals) -> str:
    """What it printed; it was reached over HTTP before it was told to end."""
    arguments = ["cloud", "--state", str(state), "--print-config"]
    process = start([sys.executable, "-c", COMMAND, *arguments], stderr=subprocess.DEVNULL)
    assert process.stdout
    printed = ""
    while "access_key" not in printed:  # the last line before it serves
        line = process.stdout.readline()
        assert line, "it ended before it served"
        printed += line
    with pytest.raises(HTTPError, match="405"):
        urlopen(tomllib.loads(printed)["cloud"]["living"]["url"] + "/cloud/token")
    process.send_signal(ends)
    rest, _ = rest_of(process)
    assert process.returncode == 0
    return printed + rest


def test_it_serves_until_told_to_end_and_keeps_its_keys(tmp_path: Path) -> None:
    first, second = (run(tmp_path / "state", ends) for ends in (signal.SIGINT, signal.SIGTERM))
    accounts = [tomllib.loads(text)["cloud"] for text in (first, second)]
    for account in accounts:
        for cloud in account.values():
            cloud.pop("url"), cloud.pop("iam_url", None)  # the port is a new one each time
    assert accounts[0] == accounts[1]
    secret = next(line for line in first.splitlines() if line.startswith("# LIVING_APP_SECRET="))
    assert secret in second.splitlines()


def test_its_help_documents_every_fault() -> None:
    told = CliRunner().invoke(simulate, ["cloud", "--help"]).output
    for use in (*mishaps.TABLE, *quirks.TABLE):
        assert f"  {use} " in told or f"  {use}\n" in told, plain(use)


def test_a_wrong_fault_script_is_refused_with_the_known_names() -> None:
    result = CliRunner().invoke(simulate, ["cloud", "--faults", "do=explode"])
    assert result.exit_code == 2
    assert "do=explode" in result.output
    assert "drop" in result.output
