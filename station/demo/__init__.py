# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole job on simulated boards and a simulated cloud: for trying, and for testing the station end to end.

`setting` makes cloud, ledger and boards in a folder, `robot` plugs and unplugs like a quick operator, `inspection`
looks into the boards afterwards, `kinds` says which boards there are.
"""
