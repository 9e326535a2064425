# SPDX-License-Identifier: GPL-3.0-or-later
"""Target `console`: boards that speak a vendor's own command line, described in a profile."""
