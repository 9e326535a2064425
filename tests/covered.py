# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of the rooms that decide a certificate's fate the tests go through: `make coverage`, or by hand

    coverage erase; coverage run -m pytest FOLDERS; coverage combine -q; coverage json -q; python -m tests.covered

Lines and branches count, in the processes that tests start too. Exit 1 when a room is below its figure.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

REPORT = Path(__file__).resolve().parent.parent / "build" / "coverage" / "report.json"

LEAST = dict.fromkeys(("ledger", "rules", "flow", "targets"), 95.0)
"""Percent of a room's lines and branches, together."""


@dataclass(slots=True)
class Figure:
    there: int = 0
    gone_through: int = 0

    @property
    def percent(self) -> float:
        return 100 * self.gone_through / self.there if self.there else 100.0


def figures() -> dict[str, Figure]:
    """Of each room of the station; a module that stands alone is a room."""
    found: dict[str, Figure] = {}
    files = json.loads(REPORT.read_text("utf-8"))["files"]
    for name, file in files.items():
        figure = found.setdefault(Path(name).parts[1].removesuffix(".py"), Figure())
        summary = file["summary"]
        figure.there += summary["num_statements"] + summary["num_branches"]
        figure.gone_through += summary["covered_lines"] + summary["covered_branches"]
    return found


def main() -> int:
    found = figures()
    for room, figure in sorted(found.items()):
        wanted = f"  of {LEAST[room]:.0f}" if room in LEAST else ""
        print(f"{room:12} {figure.percent:6.1f} %{wanted}")
    short = [room for room, least in LEAST.items() if found.get(room, Figure(there=1)).percent < least]
    if short:
        print(f"below their figure: {', '.join(short)}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
