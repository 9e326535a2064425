# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab in a shell: real ones ask, and get this bench's names; where no bench is, none is made."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from station.cli import cli
from station.codes import Exit
from tests.cli.cli_shell import Shell
from tests.forked import run

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


def offered(line: str, shell: Shell) -> list[str]:
    """What the station tells a bash behind this line."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_STATION_COMPLETE": "bash_complete"}
    done = run([str(BIN / "station")], env=shell.environment | asked)
    assert done.stderr == ""
    return [told.partition(",")[2] for told in done.stdout.splitlines()]


def test_a_bash_is_offered_commands_and_the_names_of_this_bench(shell: Shell, tmp_path: Path) -> None:
    shell.stock_up("camera-1", "camera-2", "door-1")
    config = {"STATION_CONFIG": str(shell.config)}
    assert tab("station comp", tmp_path, **config) == ["completion"]
    assert tab("station show cam", tmp_path, **config) == ["camera-1", "camera-2"]
    assert offered("station help reco", shell) == ["recover"]
    for command in ("label print", "label preview", "conflict show", "set end", "batch freeze"):
        assert offered(f"station {command} cam", shell) == ["camera-1", "camera-2"], command
    for command in ("pull", "certs --batch"):
        assert offered(f"station {command} ", shell) == ["77"], command
    shell.write_profile()
    assert offered("station flash --profile ", shell) == ["cam"], "what can be flashed, not what is shipped"
    assert "agent" in offered("station profile show a", shell)


def test_where_no_bench_is_nothing_is_offered_and_nothing_made(tmp_path: Path) -> None:
    assert tab("station show cam", tmp_path) == []
    assert list(tmp_path.iterdir()) == []


ZSH = """
eval "$(station completion zsh)"; print -- $_comps[station]
compadd() { print -l -- ${(P)@[-1]} }; _describe() { print -l -- ${(P)3} }
for line in $@; do words=("${(@s/ /)line}"); CURRENT=$#words; _station_completion; done
"""
FISH = "station completion fish | source; for line in $argv; complete -C $line; end"
ASKED = {
    "station show cam": ["camera-1", "camera-2"],
    "station flash --slot ": ["left"],
}


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_a_zsh_that_has_not_begun_completing_and_a_fish_are_offered_them_too(
    shell: Shell, tmp_path: Path, name: str
) -> None:
    """What either of them would show is printed: it takes a hand at a terminal to see the rest."""
    if shutil.which(name) is None:
        done = shell("completion", name)
        assert (done.code, f"_STATION_COMPLETE={name}_complete" in done.out) == (Exit.OK, True)
        return
    shell.stock_up("camera-1", "camera-2")
    with shell.config.open("a") as file:
        file.write('\n[[slot]]\nname = "left"\npath = "/dev/nothing"\n')
    known = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    known["STATION_CONFIG"] = str(shell.config)
    command = ["zsh", "-f", "-c", ZSH, "zsh"] if name == "zsh" else ["fish", "--no-config", "-c", FISH]
    shown = subprocess.run([*command, *ASKED], env=known, cwd=tmp_path, capture_output=True, text=True, check=True)
    begun = ["_station_completion"] if name == "zsh" else []
    assert (shown.stdout.split(), shown.stderr) == ([*begun, *chain.from_iterable(ASKED.values())], "")


def test_what_names_a_batch_a_slot_or_a_profile_that_is_there_is_offered_them() -> None:
    named = {"--batch", "--slot", "--profile"}
    makes_one = {"batch generate"}

    def silent(group: click.Group, path: str = "") -> Iterator[str]:
        for name in group.list_commands(click.Context(group)):
            command = group.get_command(click.Context(group), name)
            assert command is not None
            if isinstance(command, click.Group):
                yield from silent(command, f"{path}{name} ")
            for param in command.params:
                if named & {*param.opts} and not param._custom_shell_complete:
                    yield f"{path}{name}"

    assert set(silent(cli)) == makes_one
