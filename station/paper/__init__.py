# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports as they leave the station: one signed page with pictures, CSV, a spreadsheet. All from the same tables."""
