# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shell offers when Tab is pressed: names of profiles, slots, batches, certificates of this bench.

Nothing here may fail, ask or write: a bench that is not set up offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

import click

from station.cli.context import Context
from station.cli.spoken import configured

MOST = 100
"""Names that are offered at once; a ledger has a million."""

Offered = Callable[[click.Context, click.Parameter, str], list[str]]


def _offering(found: Callable[[Context, str], Iterable[str]]) -> Offered:
    def offered(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
        with suppress(Exception):
            bench = configured(ctx)
            return sorted({name for name in found(bench, begun) if name.startswith(begun)})[:MOST] if bench else []
        return []

    return offered


def _shipped(_bench: Context, _begun: str) -> Iterable[str]:
    from station.profiles.shipped import shipped_names

    return shipped_names()


def _profiles(bench: Context, begun: str) -> Iterable[str]:
    return [*_shipped(bench, begun), *_own(bench, begun)]


def _own(bench: Context, _begun: str) -> Iterable[str]:
    """Those that boards are flashed by: what is shipped names no product."""
    return (path.stem for path in bench.config.profiles_dir.glob("*.toml"))


def _slots(bench: Context, _begun: str) -> Iterable[str]:
    return (line.name for line in bench.config.slots)


def _batches(bench: Context, _begun: str) -> Iterable[str]:
    from station.ledger.view import look_at
    from station.ledger.where import where

    with look_at(where(bench.config)) as view:
        return [row.key.batch_id for row in view.batches.all()]


def _certificates(bench: Context, begun: str) -> Iterable[str]:
    from station.ledger.view import look_at
    from station.ledger.where import where

    with look_at(where(bench.config)) as view:
        return [row.name.device_name for row in view.certificates.search(begun)] if begun else []


profiles, own_profiles, shipped_profiles = _offering(_profiles), _offering(_own), _offering(_shipped)
slots, batches, certificates = _offering(_slots), _offering(_batches), _offering(_certificates)

profile_option = click.option(
    "--profile", "profile_name", shell_complete=own_profiles, help="Profile name or file. Default: [bench] profile."
)
slots_option = click.option(
    "--slot",
    "slots",
    multiple=True,
    shell_complete=slots,
    help="A configured slot; may be repeated. Default: all of them.",
)
