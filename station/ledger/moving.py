# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves a ledger from a file to a server, or back, by their names: a path, or a URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from station.errors import ConfigError, UsageError
from station.ledger.copying import Copied, Destination, Show, copy_ledger, look_over
from station.ledger.opening import OpeningNotice, Surroundings, open_ledger
from station.ledger.sqlite.copy_into import FileCopy
from station.ledger.where import OnServer, Where
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
    show: Show | None,
) -> Copied:
    """Errors as `copy_ledger`, and as opening a ledger; UsageError E100 for what is no place. Without `show` it is only
    looked at, and nothing is copied."""
    if source == to:
        raise UsageError("SRC and DST are the same", do="give two places")
    place = _place(source, around.home.parent / "copied.line")
    with open_ledger(place, vault, around, actor=actor, say=say) as ledger:
        if is_url(to):
            from station.ledger.postgres.copy_into import ServerCopy  # noqa: PLC0415 - an extra

            with closing(ServerCopy(to)) as server:
                return copy_ledger(ledger, server, to=to, show=show) if show else look_over(ledger, server)
        if show is None:
            with _there(Path(to)) as there:
                return look_over(ledger, there)
        with closing(FileCopy(Path(to))) as file:
            return copy_ledger(ledger, file, to=str(Path(to).absolute()), show=show, at_home=around)


@contextmanager
def _there(path: Path) -> Iterator[Destination | None]:
    """What is at this place; None for nothing."""
    if not path.exists():
        yield None
        return
    with closing(FileCopy(path)) as file:
        yield file


def _place(source: str, marks: Path) -> Where:
    if is_url(source):
        return OnServer(url=source, path=marks)
    if Path(source).exists():
        return Path(source)
    raise ConfigError(f"there is no ledger at {source}", do="give its file, or a server's URL")
