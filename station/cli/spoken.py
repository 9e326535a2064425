# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands whose help and usage errors are in the language of the bench. Every command of ours is one of these.

Nothing here may fail: whoever asks for help with a broken configuration gets it, in English if need be.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from station.cli.telling import Configured, language_of

if TYPE_CHECKING:
    from station.cli.context import Context
    from station.words.help_words import HelpWords

_WHOLE_HELP: type[click.ClickException] | tuple[()] = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""What click makes of a group without a command: its message is the help."""


class Spoken(click.Command):
    """A command; with `click.Group` a group."""

    def get_help(self, ctx: click.Context) -> str:
        words = _words(ctx)
        if words is None:
            return super().get_help(ctx)
        from station.cli.help_page import page

        return page(self, ctx, words)

    def get_usage(self, ctx: click.Context) -> str:
        words = _words(ctx)
        if words is None:
            return super().get_usage(ctx)
        from station.cli.help_page import usage

        return usage(self, ctx, words)


class SpokenGroup(Spoken, click.Group):
    command_class = Spoken

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """UsageError for a command that there is not, with those that were perhaps meant: click knows only the ones
        that are loaded."""
        name = args[0]
        if not (name.startswith("-") or ctx.resilient_parsing or self.get_command(ctx, name)):
            from station.cli.meant_command import perhaps_meant

            ctx.fail(f"No such command {name!r}.{perhaps_meant(self, ctx, name)}")
        return super().resolve_command(ctx, args)


def usage_error(error: click.ClickException, context: Configured | None) -> str:
    """All that is said of an error of click's, which does not always know at which command it was; `context` is what
    the root command made, if it came that far.
    """
    message = error.format_message()
    if isinstance(error, _WHOLE_HELP):
        return message
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    words = _words_of(context or configured(ctx))
    lines = []
    if ctx is not None:
        command = f"{ctx.command_path} {ctx.help_option_names[0]}"
        lines = [ctx.get_usage(), words.try_help.format(command=command) if words else f"Try '{command}' for help.", ""]
    lines.append(words.error.format(message=words.told(message)) if words else f"Error: {message}")
    return "\n".join(lines)


def _words(ctx: click.Context) -> HelpWords | None:
    return _words_of(configured(ctx))


def _words_of(context: Configured | None) -> HelpWords | None:
    with suppress(Exception):
        from station.words.help_words import help_words

        return help_words(language_of(context, os.environ))
    return None


def configured(ctx: click.Context | None) -> Context | None:
    """What the root command made; before it ran, what its options say so far."""
    from station.cli.context import Context

    if ctx is None:
        return None
    root = ctx.find_root()
    if isinstance(root.obj, Context):
        return root.obj
    return Context(root.params.get("config_file"), root.params.get("overrides") or ())
