# SPDX-License-Identifier: GPL-3.0-or-later
"""One board from plug to PASS: the work instruction on the wall, and what is known of the board meanwhile."""
