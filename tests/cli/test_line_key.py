# SPDX-License-Identifier: GPL-3.0-or-later
"""`station key export` and `import`: all benches of a line have one key, and no ledger loses its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.cli.context import Context
from station.model import Secret
from station.secrets.keys import open_vault, read_exported
from station.secrets.vault import Vault
from tests.cli.cli_shell import Done, Shell
from tests.cli.test_key_changes import KILL_EVERY, PASSPHRASE, killed_at
from tests.raw import raw


@pytest.fixture
def first(shell: Shell) -> Shell:
    shell.stock_up("cam1")
    return shell


@pytest.fixture
def second(tmp_path: Path) -> Shell:
    """Another bench, just set up."""
    folder = tmp_path / "second"
    folder.mkdir()
    other = Shell(folder)
    assert other("init", "--file", str(other.config), "--state-dir", str(folder / "state")).code == 0
    return other


def key_of(shell: Shell) -> Path:
    return shell.folder / "state" / "station.key"


def id_of(shell: Shell) -> str:
    return open_vault(key_of(shell)).key_id()


def exported(shell: Shell) -> Path:
    file = shell.folder / "line.key"
    assert shell("key", "export", str(file), "--new-passphrase-file", shell.private("out", PASSPHRASE)).code == 0
    return file


def import_(shell: Shell, file: Path, *more: str, passphrase: str = PASSPHRASE) -> Done:
    return shell("key", "import", str(file), "--file-passphrase-file", shell.private("in", passphrase), *more)


def test_the_key_of_one_bench_is_the_other_s(first: Shell, second: Shell) -> None:
    file = exported(first)
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(key_of(first).read_bytes())["key"] not in file.read_text()
    before = id_of(second)
    done = import_(second, file)
    assert done.code == 0, done.err
    assert id_of(second) == id_of(first) != before
    assert key_of(second).stat().st_mode & 0o777 == 0o600
    assert second("status").code == 0, "its own empty ledger goes on with it"
    with first.open_ledger() as ledger, raw(ledger.path) as db:
        assert db.execute("SELECT count(*) FROM audit WHERE event = 'key exported'").fetchone()[0] == 1
    assert import_(second, file).code == 0, "again it changes nothing"


def test_a_rotated_key_goes_too_and_may_rest_behind_a_passphrase(first: Shell, second: Shell) -> None:
    assert first("key", "rotate").code == 0
    resting = second.private("resting", f"another {PASSPHRASE}")
    done = import_(second, exported(first), "--to", "passphrase", "--new-passphrase-file", resting)
    assert done.code == 0, done.err
    assert json.loads(key_of(second).read_bytes())["wrap"] == "scrypt"
    opened = open_vault(key_of(second), lambda: Secret(f"another {PASSPHRASE}"))
    assert opened.key_id() == id_of(first)


def test_a_key_that_a_ledger_needs_stays(first: Shell, second: Shell) -> None:
    second.stock_up("other")
    before = key_of(second).read_bytes()
    done = import_(second, exported(first))
    assert (done.code, done.err.split()[0], "needs the key" in done.err) == (2, "E114", True)
    assert key_of(second).read_bytes() == before


def test_a_key_that_its_own_ledger_needs_stays_on_a_bench_that_went_to_a_line(first: Shell, second: Shell) -> None:
    second.stock_up("other")
    before = key_of(second).read_bytes()
    with second.config.open("a", encoding="utf-8") as config:
        config.write('[ledger]\nurl = "postgresql://bench@127.0.0.1:1/line"\n')
    done = import_(second, exported(first))
    assert (done.code, done.err.split()[0], "ledger.db needs the key" in done.err) == (2, "E114", True)
    assert key_of(second).read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"schema":1,"wrap":"plain","key":"AAAA"}', b'{"wrap":"scrypt","n":1}']
)
def test_what_is_no_exported_key_is_told(second: Shell, content: bytes) -> None:
    file, before = second.folder / "odd", key_of(second).read_bytes()
    file.write_bytes(content)
    done = import_(second, file)
    assert (done.code, done.err.split()[0]) == (2, "E114")
    assert import_(second, second.folder / "none").code == 2
    assert key_of(second).read_bytes() == before


def test_costs_that_are_not_ours_are_not_paid(first: Shell, second: Shell) -> None:
    """A file that asks for a terabyte of memory."""
    file = exported(first)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"n": 2**40}))
    assert import_(second, file).code == 2


def test_another_passphrase_and_a_short_one_are_refused(first: Shell, second: Shell) -> None:
    done = import_(second, exported(first), passphrase="wrong horse battery")
    assert (done.code, "does not open" in done.err) == (2, True)
    short = first("key", "export", str(first.folder / "b"), "--new-passphrase-file", first.private("s", "elevenchars"))
    assert (short.code, short.err.split()[0], (first.folder / "b").exists()) == (2, "E128", False)


def test_nothing_is_written_over_a_file_or_asked_without_a_terminal(first: Shell, second: Shell) -> None:
    file = exported(first)
    before = file.read_bytes()
    again = first("key", "export", str(file), "--new-passphrase-file", first.private("out", PASSPHRASE))
    assert (again.code, again.err.split()[0], file.read_bytes()) == (2, "E126", before)
    nowhere = first("key", "export", "/none/here", "--new-passphrase-file", first.private("out", PASSPHRASE))
    assert (nowhere.code, nowhere.err.split()[0]) == (2, "E126")
    assert first("key", "export", str(first.folder / "c")).code == 2
    assert (second("key", "import", str(file)).code, id_of(second) == id_of(first)) == (2, False)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("command", ["export", "import"])
def test_killed_at_any_step_a_whole_key_is_there_or_the_old_one(first: Shell, second: Shell, command: str) -> None:
    given = first.private("out", PASSPHRASE)
    file = first.folder / "line.key"
    if command == "import":
        exported(first)
    shell = first if command == "export" else second
    option = "--new-passphrase-file" if command == "export" else "--file-passphrase-file"
    wanted, fresh = id_of(first), key_of(second).read_bytes()
    step, code = 0, -9
    while code == -9:
        step += KILL_EVERY
        code = killed_at(shell, step, "key", command, str(file), option, given).returncode
        if file.exists():
            assert Vault(read_exported(file, lambda: Secret(PASSPHRASE))).key_id() == wanted
        assert Context(str(shell.config), ()).settled_key() == key_of(shell)
        here = id_of(shell)
        assert here == wanted or key_of(second).read_bytes() == fresh
        if command == "import" and code == -9:
            key_of(second).write_bytes(fresh)
        if command == "export" and code == -9:
            file.unlink(missing_ok=True)
        for left in (shell.folder / "state").glob(".ledger.db.session-*"):
            left.unlink()
    assert code == 0
    assert step > 3
    assert not list(shell.folder.rglob("station.key.n*")) + list(shell.folder.glob(".line.key.part"))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_dry_run_says_what_would_be_is_refused_where_it_would_be_and_changes_nothing(
    first: Shell, second: Shell
) -> None:
    file = exported(first)
    passphrase, short = first.private("new", PASSPHRASE), first.private("short", "elevenchars")

    def stands() -> list[object]:
        with first.open_ledger() as ledger:
            return [ledger.audit.head(), *(key_of(shell).read_bytes() for shell in (first, second))]

    before = stands()
    for code, says, done in (
        (0, "behind a passphrase", first("key", "move", "--to", "passphrase", "--dry-run")),
        (
            0,
            "write the key to",
            first("key", "export", f"{file}2", "--new-passphrase-file", passphrase, "--dry-run"),
        ),
        (0, "in a plain 0600 file", import_(second, file, "--dry-run")),
        (
            2,
            "12 or more",
            first("key", "move", "--to", "passphrase", "--new-passphrase-file", short, "--dry-run"),
        ),
        (2, "exists already", first("key", "export", str(file), "--dry-run")),
        (2, "does not open", import_(second, file, "--dry-run", passphrase="wrong horse battery")),
    ):
        told = "dry run: nothing was changed" in done.err
        assert (done.code, says in done.err, told) == (code, True, code == 0), done
    assert (stands(), Path(f"{file}2").exists()) == (before, False)
