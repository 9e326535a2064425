# SPDX-License-Identifier: GPL-3.0-or-later
"""`station config …`."""

from __future__ import annotations

import os

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_table, print_told, say
from station.cli.pager import paged
from station.cli.spoken import SpokenGroup
from station.config.settings import Value, defaults
from station.errors import ConfigError


@click.group(cls=SpokenGroup)
def config() -> None:
    """Flag > STATION_* environment > file > default. Secrets are never in it; it names the files that hold them."""


@config.command()
@json_option
@click.pass_obj
def check(ctx: Context, *, as_json: bool) -> None:
    """Read everything a run would read, and say what is wrong."""
    from station.andon.reading import andon_of
    from station.desk.configured import require_begun
    from station.outbox.asking import permit_of
    from station.outbox.reading import outbox_of
    from station.secrets.keys import require_key, require_private

    resolved = ctx.config
    require_begun(resolved)
    require_key(resolved.key_path, resolved.ledger_path)
    require_private(resolved.key_path, missing="run: station init")
    if resolved.text("bench.profile"):
        ctx.profile()
    andon_of(resolved)
    outbox_of(resolved)
    permit_of(resolved)
    if as_json:
        print_json({"file": resolved.path and str(resolved.path), "state_dir": str(resolved.state_dir), "faults": []})
        return
    say(f"{resolved.path or 'defaults (no file)'} is in order; state in {resolved.state_dir}")


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
@json_option
@click.pass_obj
@paged
def show(ctx: Context, *, origin: bool, as_json: bool) -> None:
    """All settings with their present values and their meaning.

    Of a file that has a fault the settings there are, with what they are without it; the fault is told after them.
    """
    from station.words.setting_words import meanings

    fault: ConfigError | None = None
    try:
        resolved = ctx.config
    except ConfigError as error:
        if as_json:
            raise
        resolved, fault = defaults(), error
    values, means = resolved.values, meanings(ctx.words)
    if as_json:
        settings = {key: {"value": v.value, "origin": v.origin, "meaning": means[key]} for key, v in values.items()}
        print_json({"settings": settings, "slots": [{"name": s.name, "path": s.path} for s in resolved.slots]})
        return
    print_table(
        ("setting", "value", "origin" if origin else "meaning"),
        [(key, _shown(one), one.origin if origin else means[key]) for key, one in values.items()],
    )
    for slot in resolved.slots:
        print_line(ctx.words.of(ctx.words.past.slot.format(slot=slot.name), slot.path))
    for name in resolved.andon:
        print_told(f"andon {name}")
    for name in resolved.outbox:
        print_told(f"outbox {name}")
    if fault:
        raise fault


def _shown(one: Value) -> object:
    """A list as it is typed."""
    return os.pathsep.join(one.value) if isinstance(one.value, tuple) else one.value
