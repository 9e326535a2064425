# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments that mean nothing are refused before anything is asked; a list for programs is one, also an empty one."""

from __future__ import annotations

import pytest

from station.codes import Exit
from tests.cli.cli_shell import Shell

NOTHING = (
    ("pull", ""),
    ("pull", "  "),
    ("certs", "--limit", "-1"),
    ("certs", "--limit", "0"),
    ("certs", "--offset", "-1"),
    ("report", "export", "--since", "yesterday"),
    ("report", "labels", "--since", "2026-13-01"),
    ("report", "export", "--since", "0001-01-01T00:00+14:00"),
)
LISTS = (
    ("certs", "certificates"),
    ("resolve", "in_doubt"),
    ("conflict list", "disputes"),
    ("stranger list", "strangers"),
    ("label queue", "labels"),
    ("supervisor list", "supervisors"),
    ("batch list", "batches"),
    ("batch odd 77", "items"),
    ("audit log --since 2100-01-01", "lines"),
)


@pytest.mark.parametrize("arguments", NOTHING, ids=" ".join)
def test_it_is_refused(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell(*arguments)
    assert (done.code, done.out) == (Exit.USAGE, ""), done
    assert "Error: Invalid value for" in done.err


@pytest.mark.parametrize(("command", "name"), LISTS, ids=[command for command, _ in LISTS])
def test_an_empty_list_is_a_list(shell: Shell, command: str, name: str) -> None:
    done = shell(*command.split(), "--json")
    assert (done.code, [line[name] for line in done.json]) == (Exit.OK, [[]]), done


@pytest.mark.parametrize(
    ("since", "rows"), [("2001-01-01", 1), ("2100-01-01T00:00+08:00", 0), ("2001-01-01 06:00Z", 1)]
)
def test_a_moment_is_taken_in_any_zone(shell: Shell, since: str, rows: int) -> None:
    shell.stock_up("cam1")
    done = shell("report", "export", "--since", since)
    assert (done.code, len(done.out.splitlines()) - 1) == (Exit.OK, rows), done


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("config check", {"file", "state_dir", "faults"}),
        ("profile keys console", {"target", "toml"}),
        ("profile show agent", {"name", "file", "toml"}),
        ("udev print", {"rules"}),
        ("report labels", {"labels"}),
    ],
)
def test_what_is_read_is_there_for_programs(shell: Shell, command: str, names: set[str]) -> None:
    done = shell(*command.split(), "--json")
    assert (done.code, done.json[0].keys() - {"schema"}) == (Exit.OK, names), done
