# SPDX-License-Identifier: GPL-3.0-or-later
"""The table: per target and profile, at how many byte positions two boards were exchanged, and on how many boards each
identity was found then. A sample takes the first, the last and some byte of each step, and the moment behind the last;
a small one some byte of one step and the moment behind it, the last one of the next, and the moment behind the last.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.swaps.swap_kinds import FIXTURES
from tests.swaps.swap_run import Case, Result, run, steps_of, summed

HEADS = ("target or profile", "positions", "noticed, recorded", "by label, unnoticed", "on two boards", "wrong")


def cases_of(steps: dict[str, range], *, per_step: int, seed: int) -> Iterator[Case]:
    """`per_step`: so many bytes of each step, 0 for all; every other one with a B that is done."""
    dice = random.Random(seed)
    for number, (step, where) in enumerate(steps.items()):
        for one in _sample(where, per_step, number, dice):
            yield Case(step, one + 1, late=False, other_is_done=one % 2 == 0)
        if per_step != 1 or number % 2 == 0 or number == len(steps) - 1:
            yield Case(step, where[-1] + 1, late=True, other_is_done=where[-1] % 2 == 1)


def _sample(where: range, per_step: int, number: int, dice: random.Random) -> Iterable[int]:
    if per_step == 0:
        return where
    if per_step == 1:
        return [where[-1] if number % 2 else dice.choice(where)]
    return sorted({where[0], *dice.choices(where, k=per_step - 1), where[-1]})


def sweep(name: str, folder: Path, *, per_step: int = 3, seed: int = 1, threads: int = 8) -> list[tuple[Case, Result]]:
    make = FIXTURES[name]
    cases = list(cases_of(steps_of(make, folder / "probe"), per_step=per_step, seed=seed))
    with ThreadPoolExecutor(threads) as pool:
        results = pool.map(lambda n: run(make, cases[n], folder / str(n)), range(len(cases)))
        return list(zip(cases, results, strict=True))


def print_table(names: list[str], *, per_step: int) -> int:
    """Prints a line each; returns how many cases were wrong."""
    print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|")
    bad = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            found = sweep(name, Path(folder), per_step=per_step)
        counts = summed([result for _, result in found])
        shown = [counts[key] for key in ("positions", "strangers", "unnoticed", "two boards", "wrong")]
        print("| " + " | ".join(map(str, (name, *shown))) + " |", flush=True)
        for case, result in found:
            if result.wrong:
                print(f"    {case}: {result.ended}: {'; '.join(result.wrong)}")
        bad += counts["wrong"]
    return bad
