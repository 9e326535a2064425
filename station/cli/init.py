# SPDX-License-Identifier: GPL-3.0-or-later
"""`station init`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from station.cli.context import Context, a_language
from station.cli.output import say_lines
from station.cli.passphrase import new_passphrase
from station.cli.spoken import Spoken
from station.cli.telling import language_of
from station.config.settings import default_state_dir
from station.model import Language


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
def init(ctx: Context, file: Path | None, state_dir: Path | None, name: str, language: str | None, wrap: str) -> None:
    """Write a first configuration, a data key and an empty ledger; overwrites nothing."""
    from station.guide.making import Begun, KeptBy, make_station, require_new

    begun = Begun(file=(file or ctx.file_to_make).absolute(), state=(state_dir or default_state_dir()).absolute())
    require_new(begun)
    kept_by = KeptBy(wrap)
    spoken = Language(language) if language else language_of(None, os.environ)
    passphrase = new_passphrase() if kept_by is KeptBy.PASSPHRASE else None
    make_station(begun, name=name, language=spoken, kept_by=kept_by, passphrase=passphrase)
    say_lines(f"""Written: {begun.file} and the data key {begun.key}.
Back up the key: without it the secrets of certificates not yet flashed are lost.

Next:
  1. put the cloud's AppKey, project id and secret file into {begun.file}
  2. station doctor                      looks over this bench
  3. station profile list                boards that are known; station profile new NAME --like … makes yours
  4. station slots assign 1 2 3 4        learns which USB socket is which slot
  5. station pull BATCH                  fetches certificates
  6. station run                         opens the operator's screen (or: station flash, for scripts)""")
