# SPDX-License-Identifier: GPL-3.0-or-later
"""What a campaign came to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")
"""What the table of `docs/tested.md` is made of: campaign → group, runs, faults, violations."""


@dataclass(slots=True)
class Toll:
    """`runs` of a program, `faults` made to them, and what was found wrong."""

    campaign: str
    runs: int = 0
    faults: int = 0
    violations: list[str] = field(default_factory=list)
    remarks: str = ""

    def __str__(self) -> str:
        line = f"{self.campaign:<28} {self.runs:>7} runs {self.faults:>7} faults {len(self.violations):>3} violations"
        return "\n  ".join([f"{line}  {self.remarks}".rstrip(), *self.violations[:20]])


def keep(group: str, name: str, toll: Toll) -> None:
    """The numbers of this campaign take the place of those before."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    kept[name] = {"group": group, "runs": toll.runs, "faults": toll.faults, "violations": len(toll.violations)}
    RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
