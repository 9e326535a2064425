# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab in a shell: a real bash asks, and gets this bench's names; where no bench is, none is made."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from station.codes import Exit
from tests.cli.cli_shell import Shell

BIN = Path(sys.executable).parent


def tab(line: str, folder: Path, **environ: str) -> list[str]:
    """What a bash offers behind this line."""
    words = line.split(" ")
    asked = (
        f"source <(station completion bash); COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1};"
        ' _station_completion station; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    known = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder), **environ}
    done = subprocess.run(["bash", "-c", asked], env=known, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_a_bash_is_offered_commands_and_the_names_of_this_bench(shell: Shell, tmp_path: Path) -> None:
    shell.stock_up("camera-1", "camera-2", "door-1")
    config = {"STATION_CONFIG": str(shell.config)}
    assert tab("station comp", tmp_path, **config) == ["completion"]
    assert tab("station help reco", tmp_path, **config) == ["recover"]
    assert tab("station show cam", tmp_path, **config) == ["camera-1", "camera-2"]
    for command in ("label print", "label preview", "conflict show", "set end", "batch freeze"):
        assert tab(f"station {command} cam", tmp_path, **config) == ["camera-1", "camera-2"], command
    for command in ("pull", "reconcile"):
        assert tab(f"station {command} ", tmp_path, **config) == ["77"], command
    shell.write_profile()
    assert tab("station flash --profile ", tmp_path, **config) == ["cam"], "what can be flashed, not what is shipped"
    assert "agent" in tab("station profile show a", tmp_path, **config)


def test_where_no_bench_is_nothing_is_offered_and_nothing_made(tmp_path: Path) -> None:
    assert tab("station show cam", tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell_name", ["zsh", "fish"])
def test_other_shells_ask_in_their_own_words(shell: Shell, shell_name: str) -> None:
    done = shell("completion", shell_name)
    assert done.code == Exit.OK
    assert f"_STATION_COMPLETE={shell_name}_complete" in done.out
