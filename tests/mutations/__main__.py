# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.mutations [--keep] [WORDS]"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.mutations.running import Verdict, copy_tree, try_without
from tests.mutations.tables import GUARDS
from tests.soak.toll import Toll, keep


def main(arguments: list[str]) -> int:
    """0 when every guard was missed by a test."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations")
    parser.add_argument("words", nargs="*", help="guards whose names have all of these")
    parser.add_argument("--keep", action="store_true", help="keep the numbers for the README")
    options = parser.parse_args(arguments)
    chosen = [guard for guard in GUARDS if all(word in guard.name for word in options.words)]
    toll = Toll("mutations", faults=len(chosen))
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_tree(Path(folder))
        for guard in chosen:
            trial = try_without(guard, tree)
            toll.runs += 1
            if trial.verdict is not Verdict.NOTICED:
                toll.violations.append(f"{trial.verdict} {trial.guard}")
            print(f"{trial.verdict:<9} {trial.guard}  {trial.what}", flush=True)
    print(toll)
    if options.keep:
        keep("mutations", "mutations", toll)
    return int(bool(toll.violations))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
