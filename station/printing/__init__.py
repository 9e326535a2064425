# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels on paper: drawn once, as dots, and sent to a printer in the language that it understands. Needs the extra
`labels`."""
