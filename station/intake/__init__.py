# SPDX-License-Identifier: GPL-3.0-or-later
"""How certificates get into the ledger: pulled, generated, registered or imported. The clouds and files of
`station.cloud` on one side, the ledger on the other; nothing here knows HTTP or SQL.
"""
