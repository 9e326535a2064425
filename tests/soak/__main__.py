# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.soak [--every N] [--seconds S] [--keep] [WORDS]"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.soak.campaigns import CAMPAIGNS, Scale
from tests.soak.toll import Toll, keep


def main(arguments: list[str]) -> int:
    """1 when anything was found wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("words", nargs="*", help="campaigns whose group and name have all of these")
    parser.add_argument("--every", type=int, default=1, help="each so-many-th point only")
    parser.add_argument("--seconds", type=float, default=3600.0, help="of what has no end of its own")
    parser.add_argument("--keep", action="store_true", help="keep the numbers for the page")
    options = parser.parse_args(arguments)
    scale = Scale(every=options.every, seconds=options.seconds)
    tolls: list[Toll] = []
    for campaign in CAMPAIGNS:
        if all(word in f"{campaign.group} {campaign.name}" for word in options.words):
            with tempfile.TemporaryDirectory() as folder:
                os.environ["XDG_STATE_HOME"] = f"{folder}/home"  # no witness in the home of whoever runs this
                toll = campaign.run(Path(folder) / "floor", scale)
            print(toll, flush=True)
            tolls.append(toll)
            if options.keep:
                keep(campaign.group, campaign.name, toll)
    total = Toll(
        "all", sum(t.runs for t in tolls), sum(t.faults for t in tolls), [w for t in tolls for w in t.violations]
    )
    print(total if tolls else "no campaign has that name")
    return int(bool(total.violations) or not tolls)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
