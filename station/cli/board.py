# SPDX-License-Identifier: GPL-3.0-or-later
"""`station board`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from station.cli.context import Context, a_language
from station.cli.options import chosen_as
from station.cli.spoken import Spoken
from station.cli.typed import require_terminal
from station.model import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The command's options."""

    language: str | None
    serve: bool
    host: str
    port: int
    allow_host: tuple[str, ...]
    token_file: Path | None


@click.command(cls=Spoken)
@click.option("--language", type=a_language, help="Default: [bench] language.")
@click.option("--serve", is_flag=True, help="Show it to browsers instead; needs the extra “serve”.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --serve: the address to answer at.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="With --serve: the TCP port."
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="With --serve: a name browsers may use for this PC beside its own; may be repeated.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="With --serve: 0600 file with a token that a browser must give once, as /?token=…",
)
@click.pass_obj
@chosen_as(_Wish)
def board(ctx: Context, wish: _Wish) -> int | None:
    """The wall board: the counters of this station, large and live. It only reads; Ctrl-Q closes it."""
    language = Language(wish.language or ctx.config.text("bench.language"))
    if wish.serve:
        from station.tui.serve import serve_wall

        serve_wall(
            ctx.arguments(),
            host=wish.host,
            port=wish.port,
            language=language,
            allowed=wish.allow_host,
            token_file=wish.token_file,
        )
        return None
    require_terminal("the wall board", "for browsers: --serve; for programs: station status --json")
    from station.doctor.terminal import paint_here
    from station.tui.run_wall import show_wall

    paint_here()
    return show_wall(ctx.config, ctx.configure, language)
