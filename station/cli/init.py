# SPDX-License-Identifier: GPL-3.0-or-later
"""`station init`."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from station.cli.context import Context, a_language
from station.cli.guiding import guide_of, spoken_in
from station.cli.output import say_lines
from station.cli.passphrase import new_passphrase
from station.cli.spoken import Spoken
from station.cli.telling import language_of
from station.codes import Exit
from station.config.settings import default_state_dir, find_file, named_file
from station.model import Language

if TYPE_CHECKING:
    from station.guide.guide import Guide
    from station.guide.making import Begun


@click.command(cls=Spoken)
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to write station.toml.")
@click.option("--state-dir", type=click.Path(file_okay=False, path_type=Path), help="Where ledger and key live.")
@click.option("--name", default="bench-1", show_default=True, help="This bench's name in the audit.")
@click.option("--language", type=a_language, help="The operator's. Default: the system's.")
@click.option(
    "--key",
    "wrap",
    type=click.Choice(["file", "passphrase", "keyring"]),
    default="file",
    show_default=True,
    help="How the data key is kept.",
)
@click.pass_obj
def init(
    ctx: Context, file: Path | None, state_dir: Path | None, name: str, language: str | None, wrap: str
) -> Exit | None:
    """Write a first configuration, a data key and an empty ledger; overwrites nothing.

    On a terminal and without --file, --state-dir, --name and --key: asks for all that a first board needs, as the guide
    of `station run` does. Ctrl-C leaves it, and the next `station init` goes on there.
    """
    from station.guide.making import Begun, KeptBy, make_station, require_new

    if _may_ask() and (guide := guide_of(ctx)):
        return _ask(ctx, guide, language)
    begun = Begun(file=(file or ctx.file_to_make).absolute(), state=(state_dir or default_state_dir()).absolute())
    require_new(begun)
    kept_by = KeptBy(wrap)
    spoken = Language(language) if language else language_of(None, os.environ)
    passphrase = new_passphrase() if kept_by is KeptBy.PASSPHRASE else None
    make_station(begun, name=name, language=spoken, kept_by=kept_by, passphrase=passphrase)
    _tell_next(begun, spoken)
    return None


def _may_ask() -> bool:
    """Whether somebody is there, and has said nothing of what would be asked."""
    given = click.get_current_context().get_parameter_source
    by_options = any(given(name) is ParameterSource.COMMANDLINE for name in ("file", "state_dir", "name", "wrap"))
    return not by_options and sys.stdin.isatty() and sys.stderr.isatty()


def _ask(ctx: Context, guide: Guide, language: str | None) -> Exit:
    from station.cli.questions import Questions
    from station.guide.asker import Left
    from station.guide.dialogue import walk
    from station.guide.steps import heading

    spoken, said = spoken_in(ctx, language)
    asker = Questions(lambda words: heading(guide.step, words), spoken)
    with closing(guide):
        try:
            walk(asker, guide, spoken, said=said, opens=False)
        except (Left, KeyboardInterrupt):
            say_lines(f"\n{asker.words.guide.left}")
            return Exit.INTERRUPTED
    say_lines(f"\n{asker.words.guide.all_ready}")
    return Exit.OK


def _tell_next(begun: Begun, spoken: Language) -> None:
    from station.words.tongues import TONGUES

    station, first = "station", ""
    read = named_file(None, os.environ) or find_file(None, os.environ)  # by a command without --config
    if read is None or read.absolute() != begun.file:
        named = shlex.quote(str(begun.file))
        station, first = f"station --config {named}", f"     export STATION_CONFIG={named}\n"
    say_lines(TONGUES[spoken].guide.made.format(file=begun.file, key=begun.key, station=station, first=first))
