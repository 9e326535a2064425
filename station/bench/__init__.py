# SPDX-License-Identifier: GPL-3.0-or-later
"""Many slots at once, and a run of them with or without a screen."""
