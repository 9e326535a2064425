# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one byte of a whole ESP session, for bytes of every step and both directions: how often PASS was wrong
(0), an identity came on two boards (0), and what became of the others.

`python -m tests.benchmarks esp_faults`: a few positions of each class; ESP_SWEEP=30 takes thirty, ESP_SWEEP=all every
byte (hours).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.targets.esp_sweep import FAULTS, Loader, sample, sweep


def main() -> None:
    wish = os.environ.get("ESP_SWEEP", "3")
    per_class = 0 if wish == "all" else int(wish)
    total: Counter[str] = Counter()
    print(f"each byte suffers one of: {', '.join(FAULTS)}")
    for chip in ("esp32", "esp32c3", "esp32s3"):
        for loader in Loader:
            with tempfile.TemporaryDirectory() as name:
                started = time.perf_counter()
                cases = sample(chip, loader, per_class, Path(name) / "probe", seed=1)
                counts, wrong = sweep(cases, Path(name))
            total += counts
            total["faults"] += len(cases)
            total["wrong"] += len(wrong)
            words = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()) if count)
            print(f"{chip} by {loader}: {len(cases)} faults, {words}; wrong: {len(wrong)}", end="")
            print(f"  ({time.perf_counter() - started:.0f} s)", flush=True)
            for case, what in wrong:
                print(f"  WRONG {case}: {what}")
    print(f"together {total['faults']} faults, {total['PASS']} right PASS, {total['wrong']} wrong")


if __name__ == "__main__":
    main()
