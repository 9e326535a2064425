# SPDX-License-Identifier: GPL-3.0-or-later
"""What may come over the operator's screen. Loaded behind the first frame, which none of it is on."""

from __future__ import annotations

from station.tui.guide.page import QuestionPage
from station.tui.guide.talk import begin_talk
from station.tui.screens.alarm import Alarm
from station.tui.screens.help_room import GuideHelp, HelpRoom
from station.tui.screens.menu import Menu
from station.tui.screens.pin import Pin
from station.tui.screens.sure import Sure
from station.tui.screens.trouble import TroubleScreen
from station.tui.screens.waking import Waking

__all__ = [
    "Alarm",
    "GuideHelp",
    "HelpRoom",
    "Menu",
    "Pin",
    "QuestionPage",
    "Sure",
    "TroubleScreen",
    "Waking",
    "begin_talk",
]
