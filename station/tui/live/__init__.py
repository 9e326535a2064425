# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk on a real bench and ledger. It reads through a connection of its own: no slot waits for a screen."""
