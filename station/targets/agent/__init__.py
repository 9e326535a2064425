# SPDX-License-Identifier: GPL-3.0-or-later
"""Target `agent`: boards that run our agent firmware."""
