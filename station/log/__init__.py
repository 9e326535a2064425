# SPDX-License-Identifier: GPL-3.0-or-later
"""What the station did, line by line, for whoever looks for a fault: in a file that is kept within bounds, or in the
system's journal, as [log] says.

A line never keeps a board waiting and never ends a run: it is written by a thread of its own, and where it cannot be
written that is said once. The history is in the ledger; this is no proof of anything.
"""
