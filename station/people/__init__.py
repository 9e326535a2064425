# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works here: operators by badge, supervisors by name and PIN."""
