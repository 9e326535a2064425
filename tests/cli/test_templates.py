# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware templates out of the installed package: a copy that is whole, and overwrites nothing."""

from __future__ import annotations

import filecmp
from pathlib import Path

from station.codes import Exit
from tests.cli.cli_shell import Shell

SHIPPED = Path(__file__).parents[2] / "firmware_templates"


def test_a_template_comes_with_its_licence_and_is_the_shipped_one(shell: Shell, tmp_path: Path) -> None:
    done = shell("templates", "copy", "agent", str(tmp_path / "mine"))
    assert (done.code, done.out.split()) == (Exit.OK, [str(tmp_path / "mine" / "agent")])
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["LICENSE", "README.md", "agent"]
    compared = filecmp.dircmp(SHIPPED / "agent", tmp_path / "mine" / "agent")
    assert (compared.left_only, compared.right_only, compared.diff_files) == ([], [], [])


def test_all_are_listed_and_copied_where_none_is_named(shell: Shell, tmp_path: Path) -> None:
    named = shell("templates", "list", "--json").json[0]["templates"]
    assert "agent" in named and "vendor-console" in named
    assert shell("templates", "copy", str(tmp_path / "mine")).code == Exit.OK
    assert {path.name for path in (tmp_path / "mine").iterdir() if path.is_dir()} == set(named)


def test_nothing_is_overwritten_and_a_name_there_is_none_of_is_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine" / "agent").mkdir(parents=True)
    taken = shell("templates", "copy", "ports", "agent", str(tmp_path / "mine"))
    assert (taken.code, "E116" in taken.err) == (Exit.USAGE, True)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["agent"]
    unknown = shell("templates", "copy", "../agent", str(tmp_path / "other"))
    assert (unknown.code, (tmp_path / "other").exists()) == (Exit.USAGE, False)
