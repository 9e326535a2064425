# SPDX-License-Identifier: GPL-3.0-or-later
"""What people read about the station, a page a topic, in Markdown: `operate.md` in English, `operate.zh.md` in Chinese.

`station help TOPIC` shows a page; README has a line and a link for each.
"""

from __future__ import annotations

from importlib.resources import files

from station.model import Language

TOPICS = (
    "operate",
    "supervise",
    "line",
    "profiles",
    "consoles",
    "clouds",
    "headless",
    "events",
    "api",
    "recover",
    "errors",
    "service",
    "tested",
    "limits",
)
"""In the order in which they are of use."""


def name_of(topic: str, language: Language) -> str:
    """The page's file name."""
    return f"{topic}.md" if language is Language.ENGLISH else f"{topic}.{language}.md"


def page_language(topic: str, language: Language) -> Language:
    """This one where the page is there in it, English otherwise."""
    return language if files(__package__).joinpath(name_of(topic, language)).is_file() else Language.ENGLISH


def page_text(topic: str, language: Language) -> str:
    """One of `TOPICS`, in its `page_language`."""
    return files(__package__).joinpath(name_of(topic, page_language(topic, language))).read_text("utf-8")


def title_of(topic: str, language: Language) -> str:
    return page_text(topic, language).partition("\n")[0].removeprefix("# ")
