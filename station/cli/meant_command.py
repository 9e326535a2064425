# SPDX-License-Identifier: GPL-3.0-or-later
"""Which command was perhaps meant by a word that is none here: one that is written alike, or of another group."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import click

_MOST = 4
_MANY_HAVE = 3
"""Groups of which each has a command called so: then none of them is meant."""


def perhaps_meant(group: click.Group, ctx: click.Context, word: str) -> str:
    """As click says it of an option, a blank before it; "" where none is like it."""
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    called = list(_called(root.command, root, word))
    here = get_close_matches(word, group.list_commands(ctx))
    found = [*(called if len(called) <= _MANY_HAVE else ()), *here][:_MOST]
    names = ", ".join(map(repr, found))
    if len(found) < 2:
        return f" Did you mean {names}?" if found else ""
    return f" (Did you mean one of: {names}?)"


def _called(group: click.Group, ctx: click.Context, word: str, path: str = "") -> Iterator[str]:
    """Each that is called so in whichever group."""
    for name in group.list_commands(ctx):
        if name == word:
            yield f"station {path}{name}"
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from _called(command, ctx, word, f"{path}{name} ")
