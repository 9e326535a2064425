# SPDX-License-Identifier: GPL-3.0-or-later
"""Building firmware: one result for all who ask at once, a new one when a source changes, a clear word if it fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from station.errors import StationFault, UsageError
from station.simulate import firmware


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_processes_that_build_at_once_get_one_whole_file(cache: Path) -> None:
    code = "from station.simulate.firmware import build; print(build('sim-cortex-m3'))"
    builds = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    paths = {build.communicate()[0].strip() for build in builds}
    (path,) = paths
    assert Path(path).read_bytes().startswith(b"\x7fELF")
    left = {entry.suffix for entry in Path(path).parent.iterdir() if entry.name != "zig"}
    assert left == {".elf"}


def test_a_changed_source_is_built_anew_and_a_broken_one_says_where(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "firmware_templates"
    shutil.copytree(firmware.templates(), sources)
    monkeypatch.setattr(firmware, "templates", lambda: sources)
    first = firmware.build("sim-cortex-m3")
    assert firmware.build("sim-cortex-m3") == first
    board = sources / "ports" / "sim-cortex-m3" / "board.c"
    board.write_text(board.read_text().replace('"1.0.0"', '"1.0.1"'))
    second = firmware.build("sim-cortex-m3")
    assert second != first
    assert b"1.0.1" in second.read_bytes()
    board.write_text("int main(void) { return nothing; }\n")
    with pytest.raises(StationFault, match=r"board\.c:1:\d+: error"):
        firmware.build("sim-cortex-m3")


def test_an_unknown_port_is_named(cache: Path) -> None:
    with pytest.raises(UsageError, match="no port “esp32”"):
        firmware.build("esp32")
