# SPDX-License-Identifier: GPL-3.0-or-later
"""A word that is none of those that are known is refused with the one that was perhaps meant."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from station.cli import cli
from station.codes import Exit
from tests.cli.cli_shell import Shell

COMMANDS = [
    ("pul", "Did you mean 'pull'?"),
    ("batch lst", "Did you mean 'list'?"),
    ("generate", "Did you mean 'station batch generate'?"),
    ("batch status", "'station status', 'station outbox status', 'station service status'"),
    ("pull 77 --wat 3", "Did you mean '--wait'?"),
]


@pytest.mark.parametrize(("typed", "meant"), COMMANDS, ids=[typed for typed, _ in COMMANDS])
def test_a_mistyped_command_or_option(typed: str, meant: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        cli(typed.split(), standalone_mode=False, obj=[])
    assert meant in refused.value.format_message()


@pytest.mark.parametrize("typed", ["zzz", "label list"], ids=["like none", "many groups have one"])
def test_what_is_like_no_command_is_refused_as_it_is(typed: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        cli(typed.split(), standalone_mode=False, obj=[])
    assert refused.value.format_message() == f"No such command '{typed.rsplit(maxsplit=1)[-1]}'."


NAMES = [
    ("show camera-9", "camera-1"),
    ("history camera-9", "camera-1"),
    ("retire camera-9 --reason x --dry-run", "camera-1"),
    ("report batch 7777", "77777"),
    ("reconcile 7777", "77777"),
    ("batch show 7777", "77777"),
    ("flash --profile cm", "cam"),
    ("flash --profile cam --slot lef", "left"),
    ("profile show agnt", "agent"),
    ("profile new x --like agnt", "agent"),
    ("templates copy agnt x", "agent"),
    ("help recovr", "recover"),
    ("schema statu", "status"),
    ("audit log --event receivd", "received"),
    ("audit log --event unlokced", "unlocked"),
]


def test_a_mistyped_name_of_this_bench_in_both_languages(shell: Shell) -> None:
    shell.stock_up("camera-1", batch="77777")
    shell.write_profile()
    with shell.config.open("a") as file:
        file.write('\n[[slot]]\nname = "left"\npath = "/dev/nothing"\n')
    for typed, meant in NAMES:
        english, chinese = shell(*typed.split()), shell("--set", "bench.language=zh", *typed.split())
        assert (english.code, f"is “{meant}” meant?" in english.err) == (Exit.USAGE, True), english
        assert f"：是不是要写“{meant}”？" in chinese.err, chinese


def test_what_is_shipped_to_copy_is_no_profile_yet_and_that_is_said(shell: Shell) -> None:
    told = shell("flash", "--profile", "agent")
    assert "station profile new NAME --like agent --product PRODUCTKEY" in told.err


def test_before_init_it_is_said_what_comes_first(tmp_path: Path) -> None:
    empty = Shell(tmp_path)
    for command in ("status", "certs", "config check"):
        told = empty(*command.split())
        first, do, *_ = told.err.splitlines()
        assert (told.code, first.partition(":")[0]) == (Exit.USAGE, "E115 there is no station here yet")
        assert "run: station init" in do
        assert "STATION_CONFIG=FILE" in do
    empty.environment |= {"LC_ALL": "zh_CN.UTF-8"}
    assert empty("status").err.startswith("E115 这里还没有建立烧录站：")
