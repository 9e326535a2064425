# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes each guard of the product out, one at a time, and sees a test fail: a guard that no test misses is not kept.

    python -m tests.mutations [WORDS]        the guards whose names have all the words; all without any

A table's line is a guard: its file, what stands there, what stands there without the guard, and the tests of which one
must fail then. `make soak` runs them all; `make test` sees that each line still fits the code, and runs a few.
"""
