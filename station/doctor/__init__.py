# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with this bench, and the command that mends it. Looks only: opens no board's port, changes nothing.

`examine` runs every check, whatever another one found; a check that cannot be made says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from station.codes import Code, Exit
from station.errors import StationError


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"  # the bench works, not as it should
    PERSON = "person"  # the bench works; something waits for a person
    WRONG = "wrong"
    SKIPPED = "skipped"  # cannot be checked here


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report. `do`: the command or the step that mends it; empty when all is well. `fix` does what `do`
    says, where nothing can be lost by it."""

    check: str
    level: Level
    what: str
    do: str = ""
    code: Code | None = None
    fix: Callable[[], object] | None = None

    @property
    def exit(self) -> Exit:
        """Of a command that finds it: an alarm's own, whoever finds it."""
        if self.code and self.level in (Level.PERSON, Level.WRONG) and self.code.exit is Exit.INTEGRITY:
            return Exit.INTEGRITY
        return _EXITS.get(self.level, Exit.OK)


_EXITS = {Level.PERSON: Exit.PERSON_NEEDED, Level.WRONG: Exit.STATION_FAULT}


def wrong(check: str, error: StationError) -> Finding:
    return Finding(check=check, level=Level.WRONG, what=f"{error.code} {error.what}", do=error.do, code=error.code)


Check = tuple[str, Callable[[], Iterable[Finding]]]
"""Name and what makes its findings; it may raise StationError, which is a finding too."""


def examine(checks: Iterable[Check]) -> Iterator[Finding]:
    """At least one finding for each check, in their order."""
    for name, run in checks:
        try:
            findings = list(run())
        except StationError as error:
            findings = [wrong(name, error)]
        yield from findings or [Finding(check=name, level=Level.OK, what="")]
