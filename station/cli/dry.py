# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a command is only to say what it would do: see `dry_run`."""

from __future__ import annotations

import click

_DRY = "station.dry"
"""In a click context's meta."""


def set_dry_run(*, dry: bool) -> None:
    """Of the command that runs, until it has ended."""
    click.get_current_context().meta[_DRY] = dry


def is_dry_run() -> bool:
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(_DRY))
