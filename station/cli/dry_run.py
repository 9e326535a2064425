# SPDX-License-Identifier: GPL-3.0-or-later
"""`--dry-run`: a command goes its whole way on a ledger that keeps nothing of it, so that it is refused where it would
be, says what it would say, and ends as it would end. Nobody is asked, and no PIN is wanted, only said: nothing happens.

What is done elsewhere than in the ledger, in a cloud or in a folder, is only said: `would`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from station.cli.dry import is_dry_run, set_dry_run
from station.cli.output import say


def dry_run_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Stands among the options. `Context.open_ledger`, `require_yes` and `require_supervisor` know of it by themselves;
    what is changed elsewhere is behind `would`."""

    @click.option("--dry-run", is_flag=True, help="Say what it would do; change nothing, ask nobody.")
    @wraps(command)
    def call(*context: object, dry_run: bool, **given: object) -> object:
        set_dry_run(dry=dry_run)
        if dry_run:
            say("dry run: what follows is what would be")
        result = command(*context, **given)
        if dry_run:
            say("dry run: nothing was changed")
        return result

    return call


def would(what: str) -> bool:
    """Whether it is only to be said; then `what` was. A sentence, of what would be done."""
    if is_dry_run():
        say(f"would: {what}")
    return is_dry_run()
