# SPDX-License-Identifier: GPL-3.0-or-later
"""The most likely mistakes: what is said, its code, how the command ends, and that the remedy it names is one. What is
named is done as it stands there, by a shell where it is a shell's."""

from __future__ import annotations

import re

import pytest

from tests.cli.cli_shell import Shell
from tests.cli.mistakes import MISTAKES, Desk, Mistake
from tests.sampled import sampled


def test_each_is_here_once() -> None:
    assert len({row.name for row in MISTAKES}) == len(MISTAKES) == 22


@pytest.mark.parametrize("row", sampled(MISTAKES, 2), ids=lambda row: row.name)
def test_the_remedy_that_is_named_works_as_it_stands(row: Mistake, shell: Shell) -> None:
    desk = Desk(shell)
    with row.make(desk) as made:
        failed = desk(*made.command, through=made.through)
        told = failed.out + failed.err
        assert (failed.code, row.code in told, row.says in told) == (row.exit, True, True), failed
        remedy = re.search(row.remedy, told)
        assert remedy, failed
        made.follow(remedy)
        again = desk(*(made.again or made.command))
        assert (again.code, row.says in again.out + again.err) == (0, False), again
