# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of settings, of batches as they are pasted, of the clock, and of what is not installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest

from station.cli import cli
from station.cli.typed import NAME_OR_NONE, NAMED
from station.codes import Exit
from station.config.table import SETTINGS
from station.extras import install
from station.words.chinese_settings import MEANINGS
from tests.cli.cli_shell import PIN, Shell
from tests.forked import run

_LATER = """
import datetime, sys
from station.ledger import audit
class Before(datetime.datetime):
    now = classmethod(lambda cls, zone: datetime.datetime.now(zone) - datetime.timedelta(hours=1))
audit.datetime = Before
from station.cli import main
main()
"""


def test_each_setting_has_its_meaning_in_both_languages() -> None:
    assert MEANINGS.keys() == {setting.key for setting in SETTINGS}


def test_settings_are_told_with_their_meaning_in_the_language_of_the_bench(shell: Shell) -> None:
    told = shell("--set", "bench.language=zh", "config", "show", "--json").json[0]["settings"]
    assert told["bench.plan"] == {"value": 0, "origin": "default", "meaning": MEANINGS["bench.plan"]}
    english = next(setting.meaning for setting in SETTINGS if setting.key == "bench.plan")
    assert shell("config", "show", "--json").json[0]["settings"]["bench.plan"]["meaning"] == english


def test_of_a_file_with_a_fault_the_settings_that_there_are_come_first(shell: Shell) -> None:
    shell.config.write_text("[bench]\nnmae = 'b'\n")
    told = shell("config", "show")
    assert (told.code, "bench.name" in told.out, "is “bench.name” meant?" in told.err) == (Exit.USAGE, True, True), told
    assert shell("config", "show", "--json").out == "", "a program is told no settings that do not hold"


def _parameters(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Parameter]]:
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from _parameters(found, f"{path} {name}".strip())
    for parameter in command.params:
        yield path, parameter


def test_a_batch_is_the_same_however_it_was_pasted() -> None:
    asked = [(path, one) for path, one in _parameters(cli) if one.name in ("batch", "batch_id", "dropped")]
    assert len(asked) >= 12
    for path, one in asked:
        assert one.type in (NAMED, NAME_OR_NONE), path


@pytest.mark.parametrize("pasted", [" 77", "77\n", "\u200b77\u3000", "\ufeff77\xa0", "77"])
@pytest.mark.parametrize("kind", [NAMED, NAME_OR_NONE])
def test_blanks_around_a_name_are_none_of_it(kind: Any, pasted: str) -> None:
    assert kind.convert(pasted, None, None) == "77"


def test_a_clock_before_the_last_line_of_the_audit_is_said_at_the_start(shell: Shell) -> None:
    shell.stock_up("cam1")
    told = run([sys.executable, "-c", _LATER, "status"], env=shell.environment)
    assert "s before the last line of the audit: sudo timedatectl set-ntp true" in told.stderr, told
    assert "before the last line" not in shell("status").err


@pytest.mark.parametrize("extra", ["keyring", "firmware", "serve", "line", "labels", "mqtt"])
def test_what_is_missing_is_installed_by_its_own_name(extra: str) -> None:
    """Under the station's own an index of packages has whatever somebody put there."""
    command = install(extra)
    assert (" install " in command, "certificate-station" in command.partition(" install ")[2]) == (True, False)


@pytest.mark.parametrize("letters", ["latin-1", "ascii", "gbk"])
def test_a_locale_with_other_letters_is_written_over(shell: Shell, letters: str) -> None:
    """Not \\u8bbe\\u7f6e, and never an error for it."""
    command = [sys.executable, "-m", "station", "--set", "bench.language=zh", "config", "show"]
    told = subprocess.run(
        command, env={**shell.environment, "PYTHONIOENCODING": letters}, capture_output=True, check=False, timeout=60
    )
    assert (told.returncode, MEANINGS["bench.plan"] in told.stdout.decode()) == (0, True), told


def test_what_is_not_there_is_said_in_whole_words(shell: Shell) -> None:
    pin = ("--reason", "so", "--pin-file", shell.private("pin", PIN))
    assert shell("supervisor", "set-pin", "--new-pin-file", pin[-1]).code == Exit.OK
    assert shell("outbox", "status").err == "no receiver is configured: see station outbox --help\n"
    assert "request r1 is not in the journal\n" in shell("batch", "settle", "r1", "--nothing-made").err
    assert "nothing is locked" in shell("unlock", *pin).err
    assert "nofile is no backup: No such file or directory\n" in shell("restore", "nofile", "--yes").err
