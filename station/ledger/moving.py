# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves a ledger from a file to a server, or back, by their names: a path, or a URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from station.errors import ConfigError, UsageError
from station.ledger.copying import Copied, Show, copy_ledger
from station.ledger.engine import Engine
from station.ledger.opening import OpeningNotice, Surroundings, open_ledger
from station.ledger.server import require_driver
from station.ledger.sqlite.copy_into import FileCopy
from station.secrets.vault import Vault


def is_url(place: str) -> bool:
    return "://" in place


def move(
    source: str,
    to: str,
    vault: Vault,
    around: Surroundings,
    *,
    actor: str,
    say: Callable[[OpeningNotice], None],
    show: Show,
) -> Copied:
    """Errors as `copy_ledger`, and as opening a ledger; UsageError E100 for what is no place."""
    if source == to:
        raise UsageError("SRC and DST are the same", do="give two places")
    with (
        _engine(source, around.home.parent / "line") as where,
        open_ledger(where, vault, around, actor=actor, say=say) as ledger,
    ):
        if is_url(to):
            from station.ledger.postgres.copy_into import ServerCopy  # noqa: PLC0415 - an extra

            with closing(ServerCopy(to)) as server:
                return copy_ledger(ledger, server, to=to, show=show)
        with closing(FileCopy(Path(to))) as file:
            return copy_ledger(ledger, file, to=str(Path(to).absolute()), show=show, at_home=around)


@contextmanager
def _engine(source: str, marks: Path) -> Iterator[Path | Engine]:
    if is_url(source):
        require_driver()
        from station.ledger.postgres.connection import LineConnection  # noqa: PLC0415 - an extra

        yield LineConnection(source, marks)
    elif Path(source).exists():
        yield Path(source)
    else:
        raise ConfigError(f"there is no ledger at {source}", do="give its file, or a server's URL")
