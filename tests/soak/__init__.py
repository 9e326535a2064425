# SPDX-License-Identifier: GPL-3.0-or-later
"""Long campaigns against the one rule. `make soak` runs all of them, `make test` a sample of each.

    python -m tests.soak                       every campaign, everywhere; hours
    python -m tests.soak --every 10 kills      a tenth of the points of the campaigns whose names have these words

Each campaign prints what it ran, how many faults it made, and what it found wrong: boards are opened and compared with
what the cloud issued, never with our own ledger alone.
"""
