# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.mutations [WORDS]"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.mutations.running import Verdict, copy_tree, fail_anyway, try_without
from tests.mutations.tables import GUARDS


def main(words: list[str]) -> int:
    """0 when every guard was missed by a test."""
    chosen = [guard for guard in GUARDS if all(word in guard.name for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_tree(Path(folder))
        if failing := fail_anyway(tree, sorted({test for guard in chosen for test in guard.tests})):
            print("\n".join(["with all guards in place these tests fail already:", *failing]))
            return 1
        trials = []
        for guard in chosen:
            trials.append(try_without(guard, tree))
            print(f"{trials[-1].verdict:<9} {trials[-1].guard}  {trials[-1].what}", flush=True)
    faults = sum(trial.verdict is not Verdict.NOTICED for trial in trials)
    print(f"mutations: {len(trials)} runs, {len(trials)} faults, {faults} violations")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
