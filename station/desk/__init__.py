# SPDX-License-Identifier: GPL-3.0-or-later
"""What screens and commands both ask of a station. No textual, no printing."""
