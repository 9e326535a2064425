# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check of a product's file found, all at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from station.codes import Code
from station.errors import UsageError


@dataclass(frozen=True, slots=True)
class SpecFinding:
    """`path` as in `$.name`."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


@dataclass(slots=True)
class Findings:
    """All of one body's."""

    faults: list[SpecFinding] = field(default_factory=list)
    warnings: list[SpecFinding] = field(default_factory=list)

    def raise_faults(self) -> None:
        """UsageError with every fault, when there is one."""
        if self.faults:
            listed = "\n    ".join(str(fault) for fault in self.faults)
            raise UsageError(
                f"the product has {len(self.faults)} faults:\n    {listed}",
                means="nothing was sent",
                do="correct the file; --dry-run checks it again",
                code=Code.E120,
            )

    def fault(self, path: str, text: str) -> None:
        self.faults.append(SpecFinding(path, text))

    def warn(self, path: str, text: str) -> None:
        self.warnings.append(SpecFinding(path, text))
