# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands say in English."""

from __future__ import annotations

from station.words.language import CommandWords

COMMANDS = CommandWords(means="means", do="do", interrupted="interrupted")
