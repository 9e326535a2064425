# SPDX-License-Identifier: GPL-3.0-or-later
"""`station board`."""

from __future__ import annotations

import click

from station.cli.context import Context


@click.command()
@click.option("--language", type=click.Choice(["en", "zh"]), help="Default: [bench] language.")
@click.pass_obj
def board(ctx: Context, language: str | None) -> int:
    """The wall board: the counters of this station, large and live. It only reads; Ctrl-Q closes it."""
    from station.tui.language import Language
    from station.tui.run import show_wall

    return show_wall(ctx.config, Language(language) if language else None)
