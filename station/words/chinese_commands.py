# SPDX-License-Identifier: GPL-3.0-or-later
"""命令行的文字。"""

from __future__ import annotations

from station.words.language import CommandWords

COMMANDS = CommandWords(means="影响", do="处理", interrupted="已中断")
