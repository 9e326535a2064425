# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command ends that fails: its exit code is its error's, never 1 but for a board, and it says so in the language
of the bench.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

import station.cli as command_line
from station.cli.context import Context
from station.cli.telling import language_of
from station.codes import Blame, Code, Exit
from station.errors import StationError
from station.model import BoardUid, IdentityKind, Language
from tests.cli.cli_shell import Shell

UNFORESEEN = (
    *(ValueError("x"), OSError("disk"), RecursionError(), MemoryError(), AssertionError(), StopIteration()),
    *(asyncio.CancelledError(), GeneratorExit(), BaseExceptionGroup("g", [SystemError()])),
)


def ends(monkeypatch: pytest.MonkeyPatch, error: BaseException, *options: str) -> int:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(command_line._Lazy, "get_command", lambda *_: failing)
    monkeypatch.setattr(sys, "argv", ["station", *options, "status"])
    return command_line._run()


@pytest.mark.parametrize("code", Code)
def test_a_command_ends_with_its_errors_exit(monkeypatch: pytest.MonkeyPatch, code: Code) -> None:
    ended = ends(monkeypatch, StationError("so it was", code=code))
    assert ended == code.exit
    assert (ended == Exit.BOARD_FAILED) == (code.blame is Blame.BOARD)


@pytest.mark.parametrize("error", UNFORESEEN, ids=lambda error: type(error).__name__)
def test_what_nobody_foresaw_is_the_stations_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    assert ends(monkeypatch, error) == Exit.STATION_FAULT
    assert "E399" in capsys.readouterr().err


def test_a_terminal_that_takes_nothing_more_makes_no_board_fail(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "station", "--config", str(tmp_path / "none.toml"), "status"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        assert subprocess.run(command, stderr=full, check=False).returncode == Exit.USAGE


def test_a_full_disk_that_takes_what_is_printed_is_named_as_one(shell: Shell) -> None:
    command = [sys.executable, "-m", "station", "status", "--json"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=shell.environment, check=False, text=True
        )
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        Exit.STATION_FAULT,
        "E300 a disk is full, or a quota is used up",
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_without_a_way_of_its_own_as_ctrl_c_does(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    @click.command()
    def signalled() -> None:
        signal.raise_signal(number)

    before = signal.signal(number, signal.SIG_DFL)
    monkeypatch.setattr(command_line._Lazy, "get_command", lambda *_: signalled)
    monkeypatch.setattr(sys, "argv", ["station", "status"])
    try:
        with pytest.raises(SystemExit) as ended:
            command_line.main()
    finally:
        signal.signal(number, before)
    assert ended.value.code == Exit.INTERRUPTED


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_what_the_caller_has_closed_makes_no_command_fail(shell: Shell, closed: str) -> None:
    command = f"exec {sys.executable} -m station status {closed}"
    assert subprocess.run(["sh", "-c", command], env=shell.environment, check=False).returncode == Exit.OK


@pytest.mark.parametrize(
    ("configured", "system", "said"),
    [
        ("zh", "C", ["E116 没有 cam1", "  处理：look it up"]),
        ("en", "zh_CN.UTF-8", ["E116 there is no cam1", "  do: look it up"]),
        (None, "zh_CN.UTF-8", ["E116 没有 cam1"]),
        (None, "C.UTF-8", ["E116 there is no cam1", "  do: look it up"]),
        (None, "fr_FR.UTF-8", ["E116 there is no cam1"]),
        ("klingon", "zh_CN.UTF-8", ["E116 没有 cam1"]),
    ],
)
def test_an_error_is_told_in_the_language_of_the_bench_or_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    configured: str | None,
    system: str,
    said: list[str],
) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'[bench]\nlanguage = "{configured}"\n' if configured else "")
    monkeypatch.setenv("LC_ALL", system)
    error = StationError("there is no cam1", do="look it up", code=Code.E116)
    assert ends(monkeypatch, error, "--config", str(config)) == Exit.USAGE
    told = capsys.readouterr().err
    for line in said:
        assert line in told


def chosen(file: Path, *overrides: str, locale: str = "C") -> Language:
    """The language of what is said of an unsound configuration."""
    context = Context(str(file), overrides)
    with pytest.raises(StationError):
        assert context.config
    return language_of(context, {"LC_ALL": locale})


@pytest.mark.parametrize(
    "rest", ['[log]\nfiel = "x"', '[log]\nlevel = "loud"', "[log", '[[slot]]\nname = "1"', "language = 1"]
)
def test_a_slip_in_the_file_is_told_in_the_language_of_that_file(tmp_path: Path, rest: str) -> None:
    file = tmp_path / "station.toml"
    file.write_text(f'[bench]\n# language = "en"\nlanguage = "zh"\n{rest}\n')
    assert chosen(file) is Language.CHINESE


def test_a_wrong_flag_and_a_file_without_a_language_leave_that_of_the_system(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text('[bench]\nlanguage = "en"\n')
    assert chosen(file, "bench.plan=abc", locale="zh_CN.UTF-8") is Language.CHINESE
    file.write_text("[bench\n")
    assert chosen(file, locale="zh_CN.UTF-8") is Language.CHINESE
    assert chosen(tmp_path / "none.toml") is Language.ENGLISH


def test_status_and_resolve_speak_the_language_of_the_bench(shell: Shell) -> None:
    shell.stock_up("cam1")
    with shell.open_ledger() as ledger:
        claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid("ab" * 8), "1")
        ledger.begin(claim.attempt)
        ledger.doubt(claim.attempt, Code.E311, "unplugged")
    for command in ("status", "resolve"):
        done = shell("--set", "bench.language=zh", command)
        assert done.code == Exit.PERSON_NEEDED
        assert all(text in done.out for text in ("请放回原板", "ab" * 8, "unplugged")), done.out
        done = shell("--set", "bench.language=en", command)
        assert f"put board {'ab' * 8} back in any slot" in done.out
        assert "E311 unplugged" in done.out
