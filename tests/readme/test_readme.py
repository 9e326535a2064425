# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's console session is run as written, and what it names exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest

from station.cli import cli
from tests.forked import run

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
CSV = """ProductKey,DeviceName,DeviceSecret
a1B2c3D4e5F,camera0001,0123456789abcdef0123456789abcdef
a1B2c3D4e5F,camera0002,fedcba9876543210fedcba9876543210
"""


def session(readme: Path) -> list[tuple[str, list[str]]]:
    """(command, expected lines) of the console blocks, which are one session."""
    blocks = re.findall(r"```console\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    assert blocks
    steps: list[tuple[str, list[str]]] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        else:
            steps[-1][1].append(line)
    return steps


def script(readme: Path) -> str:
    """The program that the session runs: short, since it shows how little it takes."""
    (found,) = re.findall(r"```python\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    assert len(found.splitlines()) < 20
    return str(found)


def start(command: str, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """In the background; it has said what it has to say when this returns."""
    words, _, target = command.partition(" >> ")
    file = folder / (target.strip() or "said")
    before = file.stat().st_size if file.exists() else 0
    with file.open("ab") as output:
        process = subprocess.Popen(words.split(), cwd=folder, env=environment, stdout=output)
    while file.stat().st_size == before:
        assert process.poll() is None, command
        time.sleep(0.02)
    time.sleep(0.1)
    return process


@pytest.mark.parametrize("readme", READMES, ids=lambda p: p.name)
def test_the_session_of_the_readme_happens_as_written(readme: Path, tmp_path: Path) -> None:
    (tmp_path / "certificates.csv").write_text(CSV)
    (tmp_path / "line.py").write_text(script(readme))
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("STATION_CONFIG", None)
    background: list[subprocess.Popen[bytes]] = []
    try:
        for command, expected in session(readme):
            if command.startswith("export "):
                name, _, value = command.removeprefix("export ").partition("=")
                environment[name] = value
                continue
            if command.endswith("&"):
                background.append(start(command.removesuffix("&"), tmp_path, environment))
                continue
            program, *arguments = command.split()
            done = run(
                [shutil.which(program, path=environment["PATH"]) or program, *arguments], env=environment, cwd=tmp_path
            )
            assert done.returncode == 0, f"{command}: {done.stderr}"
            said = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
            for line in expected:
                pattern = line.rstrip().replace("[", "[[]").replace("…", "*")
                assert any(fnmatch(each, pattern) for each in said), f"{command}: “{line}” is not in {said}"
    finally:
        for process in background:
            process.terminate()
            process.wait()


@pytest.mark.parametrize("readme", READMES, ids=lambda p: p.name)
def test_files_links_and_commands_named_in_the_readme_exist(readme: Path) -> None:
    text = readme.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), target
    for file in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (ROOT / file).exists(), file
    for name, sub in re.findall(r"`station ([a-z]+)(?: ([a-z][a-z-]+))?", text):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, name
        if isinstance(command, click.Group) and sub:
            assert sub in command.commands, f"{name} {sub}"


def test_every_command_is_named_in_the_readme() -> None:
    text = READMES[0].read_text("utf-8")
    missing = [name for name in cli.list_commands(click.Context(cli)) if f"station {name}" not in text]
    assert not missing
