# SPDX-License-Identifier: GPL-3.0-or-later
"""All benchmarks, or those named: `python -m tests.benchmarks [ledger pull register 170000 …]` or `make bench`.

Each is a file bench_NAME.py with `main()`, which is given the words and the number behind its name where there are any:
`pull:aliyun-iot 170000`. It runs by itself, and prints numbers beside a peer or a physical limit measured in the same
run. None asserts a time.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    folder = Path(__file__).parent
    names = sys.argv[1:] or sorted(p.stem.removeprefix("bench_") for p in folder.glob("bench_*.py"))
    for word, following in zip(names, [*names[1:], ""], strict=True):
        if word.isdecimal():
            continue
        print(f"== {word}", flush=True)
        name, *more = word.split(":")
        module = import_module(f"tests.benchmarks.bench_{name}")
        module.main(*more, *([int(following)] if following.isdecimal() else []))


main()
