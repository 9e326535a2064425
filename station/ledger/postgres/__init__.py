# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is PostgreSQL's own: the schema's steps and guards, its roles, what a server must promise. `ledger.server`
prepares and judges one, `ledger.where` opens a ledger on it.
"""
