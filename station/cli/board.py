# SPDX-License-Identifier: GPL-3.0-or-later
"""`station board`."""

from __future__ import annotations

import click

from station.cli.context import Context, a_language
from station.cli.spoken import Spoken
from station.cli.typed import require_terminal
from station.model import Language


@click.command(cls=Spoken)
@click.option("--language", type=a_language, help="Default: [bench] language.")
@click.option("--serve", is_flag=True, help="Show it to browsers instead; needs the extra “serve”.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --serve: the address to answer at.")
@click.option("--port", default=8000, show_default=True, help="With --serve: the TCP port.")
@click.pass_obj
def board(ctx: Context, language: str | None, *, serve: bool, host: str, port: int) -> int | None:
    """The wall board: the counters of this station, large and live. It only reads; Ctrl-Q closes it."""
    if serve:
        from station.tui.serve import serve_wall

        spoken = ["--language", language] if language else []
        serve_wall([*ctx.arguments(), "board", *spoken], host=host, port=port)
        return None
    require_terminal("the wall board", "for browsers: --serve; for programs: station status --json")
    from station.doctor.terminal import paint_here
    from station.tui.run import show_wall

    paint_here()
    return show_wall(ctx.config, ctx.configure, Language(language) if language else None)
