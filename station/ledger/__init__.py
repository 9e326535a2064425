# SPDX-License-Identifier: GPL-3.0-or-later
"""The only SQL. `store.Ledger` changes things; `queries`, `visits` and `journal` answer questions and keep records."""
