# SPDX-License-Identifier: GPL-3.0-or-later
"""`station docs`: what is printed and hung up."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.context import Context, a_language
from station.cli.output import say
from station.cli.spoken import Spoken, SpokenGroup
from station.cli.writing import written_whole
from station.codes import Exit


@click.group(cls=SpokenGroup)
def docs() -> None:
    """Paper for the bench. The pages about the work: `station help`."""


@docs.command("card", cls=Spoken)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File for the page; print it on A4."
)
@click.option("--language", type=a_language, help="Default: [bench] language.")
@click.pass_obj
def card(ctx: Context, html: Path, language: str | None) -> int:
    """The operator's card: one page of A4 with every tile, what it means and what to do."""
    from station.model import Language
    from station.tui.card import card_page
    from station.words.card_words import card_words
    from station.words.tongues import TONGUES

    words = TONGUES[Language(language)] if language else ctx.words
    with written_whole(html) as part:
        part.write_text(card_page(words), "utf-8")
    say(card_words(ctx.words).written.format(path=html))
    return Exit.OK
