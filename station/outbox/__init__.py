# SPDX-License-Identifier: GPL-3.0-or-later
"""What the factory's own systems are told of each board's stay, and what they are asked before one is begun.

A board never waits for a receiver: what is to be told stands in the ledger until it was taken.
"""
