# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.mutations [--keep] [--workers N] [WORDS]"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutations.guard import Guard, SchemaGuard
from tests.mutations.running import Trial, Verdict, copy_tree, try_without
from tests.mutations.tables import GUARDS
from tests.soak.toll import Toll, keep


def main(arguments: list[str]) -> int:
    """0 when every guard was missed by a test."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations")
    parser.add_argument("words", nargs="*", help="guards whose names have all of these")
    parser.add_argument("--keep", action="store_true", help="keep the numbers for the page")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="guards tried at a time")
    options = parser.parse_args(arguments)
    chosen = [guard for guard in GUARDS if all(word in guard.name for word in options.words)]
    toll = Toll("mutations", faults=len(chosen))
    for trial in trials(chosen, options.workers):
        toll.runs += 1
        if trial.verdict not in (Verdict.NOTICED, Verdict.HUNG):
            toll.violations.append(f"{trial.verdict} {trial.guard}")
        print(f"{trial.verdict:<9} {trial.guard}  {trial.what}", flush=True)
    print(toll)
    if options.keep:
        keep("mutations", "mutations", toll)
    return int(bool(toll.violations))


def trials(guards: Sequence[Guard | SchemaGuard], workers: int) -> Iterator[Trial]:
    """Each worker has a copy of the tree for itself."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        trees = SimpleQueue[Path]()
        for number in range(workers):
            (own := Path(folder, str(number))).mkdir()
            trees.put(copy_tree(own))

        def tried(guard: Guard | SchemaGuard) -> Trial:
            tree = trees.get()
            try:
                return try_without(guard, tree)
            finally:
                trees.put(tree)

        yield from pool.map(tried, guards)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
