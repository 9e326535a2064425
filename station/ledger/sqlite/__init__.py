# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is SQLite's own: opening its file and its pragmas, transactions, the log that is emptied, sessions and their
liveness, its errors in our words, the schema's steps and guards. The rest of the ledger is SQL that others speak too.
"""
