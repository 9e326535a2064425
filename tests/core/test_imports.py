# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command loads, seen at run time: the headless half never loads the screen, a version needs next to nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests import inside

HEAVY = ["textual", "esptool", "sqlite_utils", "urllib3", "cryptography", "serial", "openpyxl"]


@cache
def loaded_by(*arguments: str) -> frozenset[str]:
    program = (
        "import sys\nfrom station.cli import _run\n"
        f"sys.argv = ['station', *{list(arguments)!r}]\n_run()\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return frozenset(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["flash", "--help"], ["pull", "--help"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    modules = loaded_by(*arguments)
    assert not modules & set(HEAVY)
    assert not [
        m for m in modules if m.startswith(("station.ledger", "station.words.chinese", "station.words.english"))
    ]


def test_a_version_loads_no_values_no_hashes_and_nothing_of_the_pager() -> None:
    own = {"station.model", "station.config.settings"}
    assert not loaded_by("--version") & {*own, "hashlib", "dataclasses", "json", "subprocess", "shutil", "shlex"}


def test_help_in_chinese_loads_the_words_of_help_alone() -> None:
    modules = loaded_by("--set", "bench.language=zh", "pull", "--help")
    assert "station.words.chinese_help" in modules
    assert "station.words.chinese" not in modules


def test_a_whole_headless_run_never_loads_the_screen_or_esptool() -> None:
    modules = loaded_by("demo", "--headless", "--boards", "1", "--count", "1")
    assert "station.targets.agent.target" in modules
    assert not modules & {"textual", "esptool"}
    assert not [m for m in modules if m.startswith("station.tui")]


def test_a_bench_that_tells_nobody_loads_no_http(tmp_path: Path) -> None:
    config = str(tmp_path / "station.toml")
    for words in (
        ["init", "--file", config, "--state-dir", str(tmp_path / "state")],
        ["--config", config, "profile", "new", "cam", "--like", "agent", "--product", "a1Cam"],
    ):
        assert inside.run(words, env=os.environ, cwd=tmp_path).returncode == 0
    modules = loaded_by("--config", config, "flash", "--profile", "cam", "--port", str(tmp_path / "tty"))
    assert "station.bench.bench" in modules
    assert not modules & {"urllib3", "ssl", "station.cloud.post"}


def test_an_up_to_date_ledger_is_opened_without_what_brings_one_up_to_date(tmp_path: Path) -> None:
    config = str(tmp_path / "station.toml")
    assert "sqlite_utils" in loaded_by("init", "--file", config, "--state-dir", str(tmp_path / "state"))
    modules = loaded_by("--config", config, "status")
    assert not modules & {"sqlite_utils", "importlib.metadata", "email", "urllib3"}
    unasked = ["outbox", "printed", "registering", "tracing"]
    assert not modules & {f"station.ledger.{part}" for part in unasked}
    assert not modules & {"logging", "station.logger", "station.log"}


def test_the_first_frame_waits_for_no_desk_and_nothing_that_may_come_over_it(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    bench, slot = f'[bench]\nstate_dir = "{tmp_path}"\nprofile = "cam"\n', '[[slot]]\nname = "1"\npath = "/dev/ttyS9"\n'
    config.write_text(bench + slot, "utf-8")
    program = (
        "import sys, station.cli.run, station.doctor.terminal, station.tui.run\n"
        "from station.words.tongues import TONGUES\n"
        "from station.cli.context import Context\nfrom station.cli.guiding import guide_of\n"
        f"ctx = Context({str(config)!r}, ())\nassert guide_of(ctx) is None, 'it is set up'\n"
        "TONGUES[ctx.config.text('bench.language')]\nprint('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    modules = set(done.stdout.split())
    assert {"station.tui.screens.bench", "station.words.english"} <= modules
    assert not modules & {"urllib3", "tomlkit", "esptool", "sqlite3", "cryptography", "serial", "station.words.chinese"}
    screens = {name for name in modules if name.startswith("station.tui.screens.")}
    assert screens == {"station.tui.screens.bench", "station.tui.screens.room"}
    rooms = {name.split(".")[1] for name in modules if name.startswith("station.")}
    assert not rooms & {"api", "cloud", "flow", "intake", "log", "outbox", "paper", "report", "targets"}
    assert not modules & {
        "station.guide.asker",
        "station.bench.bench",
        "station.desk.desk",
        "station.desk.live",
        "station.ledger.store",
        "station.doctor.doctor",
    }
