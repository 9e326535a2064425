# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves the ledger for people and other systems: exports, the batch report, labels. Never a secret."""
