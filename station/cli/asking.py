# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands ask on a terminal. Before something is replaced, ended or paid for, a person says so, or --yes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from station.cli.dry import is_dry_run
from station.cli.output import say, spoken
from station.codes import Code
from station.errors import NeedsPerson
from station.model import Secret
from station.printable import printable

if TYPE_CHECKING:
    from station.words.language import Words

_YES = "station.yes"
"""In a click context's meta: it was said. What is said once is good for the whole command."""


def _said(ctx: click.Context, _param: click.Parameter, yes: object) -> None:
    ctx.meta[_YES] = yes


yes_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--yes", is_flag=True, expose_value=False, callback=_said, help="Do not ask again; for scripts."
)
"""Gives a command what `require_yes` asks for."""


def require_yes(what: str) -> None:
    """Goes on when it is meant; `what` says what would be done, as a sentence. NeedsPerson E600 where nobody can be
    asked, or a program reads the answer (--json); click.Abort for a no."""
    ctx = click.get_current_context()
    if ctx.meta.get(_YES):
        return
    if is_dry_run():
        say(f"it would ask: {_go_on(what)}")
        return
    if ctx.params.get("as_json") or not sys.stdin.isatty():
        raise NeedsPerson(f"{what}: nobody was asked", means="nothing was changed", do="add --yes", code=Code.E600)
    click.confirm(_go_on(what), abort=True, err=True)
    ctx.meta[_YES] = True


def ask_whether(question: str) -> bool:
    return click.confirm(_asked(question), err=True)


def ask_one_of(question: str, choices: Sequence[str]) -> str:
    found: str = click.prompt(_asked(question), type=click.Choice(choices), err=True)
    return found


def ask_text(question: str) -> str:
    return str(click.prompt(_asked(question), err=True))


def ask_number(question: str) -> int:
    return int(click.prompt(_asked(question), type=int, err=True))


def ask_line(question: str, *, secret: bool = False) -> str:
    """What is typed, as it is; "" for an Enter alone. click.Abort where nobody answers."""
    return str(click.prompt(_asked(question), default="", show_default=False, hide_input=secret, err=True))


def ask_secret(question: str, *, twice: bool = False) -> Secret:
    """What is typed is not shown; `twice`: it is asked for again, and must be the same."""
    again = _asked("Repeat for confirmation") if twice else False
    return Secret(click.prompt(_asked(question), hide_input=True, confirmation_prompt=again, err=True))


def _go_on(what: str) -> str:
    """The question, in the language of the bench."""
    words: Words = click.get_current_context().find_root().obj.words
    return words.commands.go_on.format(what=_asked(what))


def _asked(question: str) -> str:
    """In the language of the bench, where the tables have it."""
    return printable(spoken(question))
