# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide on the screen: one question a page."""
