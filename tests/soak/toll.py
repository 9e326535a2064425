# SPDX-License-Identifier: GPL-3.0-or-later
"""What a campaign came to."""

from __future__ import annotations

from dataclasses import dataclass, field


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
