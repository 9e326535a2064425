# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's unit for a PC without a desktop: systemd takes it, and only the station is ever on its console."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["README.md", "README.zh-CN.md"])
def unit(request: pytest.FixtureRequest) -> str:
    [block] = re.findall(r"```ini\n(.*?)```", (ROOT / request.param).read_text("utf-8"), re.DOTALL)
    return str(block)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_takes_it(unit: str, tmp_path: Path) -> None:
    file = tmp_path / "station.service"
    file.write_text(unit.replace("/usr/local/bin/station", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
    assert "station.service" not in done.stderr, done.stderr


def test_whoever_ends_the_station_gets_no_shell(unit: str) -> None:
    """All three streams are the console's: textual paints on the third."""
    parsed = configparser.ConfigParser(strict=True)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit)
    service = parsed["Service"]
    assert service["ExecStart"].split() == ["/usr/local/bin/station", "run"]
    assert service["Restart"] == "always"
    assert {service["StandardInput"], service["StandardOutput"], service["StandardError"]} == {"tty-force", "tty"}
    assert parsed["Unit"]["Conflicts"] == f"getty@{Path(service['TTYPath']).name}.service"
