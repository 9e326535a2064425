# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.swaps [--all] [NAME …]`: the table of exchanges; `--all` at every byte, which takes minutes each."""

from __future__ import annotations

import sys

from tests.swaps.swap_kinds import FIXTURES
from tests.swaps.swap_table import print_table


def main() -> int:
    names = [name for name in sys.argv[1:] if name != "--all"]
    return 1 if print_table(names or list(FIXTURES), per_step=0 if "--all" in sys.argv else 3) else 0


sys.exit(main())
