# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command that failed says so: in the configured language; before there is a configuration, in the system's.

Nothing here may fail: an exception in the last line would end in exit code 1, which says that a board failed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from station.cli.output import say_lines
from station.errors import StationError

if TYPE_CHECKING:
    from station.config.settings import Config
    from station.ledger.opening import OpeningNotice
    from station.model import Language, State
    from station.words.language import Words


class Configured(Protocol):
    """Who knows the configuration, or raises a StationError when asked for it."""

    @property
    def config(self) -> Config: ...

    def language_of_unsound(self) -> Language | None: ...


def tell(error: StationError, context: Configured | None) -> None:
    """What happened, what it means and what to do, on stderr, as far as it can be written to."""
    try:
        text = _told(error, context)
    except Exception:  # the words of a language, or the configuration that names it: the error itself is still told
        text = error.lines()
    _say(text)


def tell_notice(notice: OpeningNotice, context: Configured) -> None:
    """What the opening of a ledger has for a person."""
    if isinstance(notice, StationError):
        tell(notice, context)
    else:
        _say(noticed(notice, words_of(context)))


def noticed(notice: OpeningNotice, words: Words) -> str:
    """It in words."""
    from station.ledger.opening import ClockBehind, OlderLedger, SkippedLines

    text = words.commands
    if isinstance(notice, StationError):
        return f"{notice.code} {notice.what}"
    if isinstance(notice, SkippedLines):
        return text.ledger.damaged.format(lines=notice.lines)
    if isinstance(notice, OlderLedger):
        return text.ledger.to_be_upgraded.format(version=notice.version)
    if isinstance(notice, ClockBehind):
        return text.ledger.clock_behind.format(seconds=f"{notice.seconds:.0f}")
    return text.ledger.in_doubt_now.format(name=notice.name, do=text.put_back.format(uid=notice.board_uid))


def tell_interrupted(context: Configured | None) -> None:
    with suppress(Exception):
        _say(words_of(context).commands.interrupted)


def language_of(context: Configured | None, environment: Mapping[str, str]) -> Language:
    """What the configuration sets, also a file that is unsound, else what the system speaks where the station does too,
    else English."""
    from station.model import Language

    if context is not None:
        try:
            set_to = context.config.values["bench.language"]
        except StationError:
            if (named := context.language_of_unsound()) is not None:
                return named
        else:
            if set_to.origin != "default":
                return Language(str(set_to.value))
    spoken = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return next((language for language in Language if spoken.lower().startswith(language)), Language.ENGLISH)


def words_of(context: Configured | None) -> Words:
    """The words of `language_of`."""
    from station.words.tongues import TONGUES

    return TONGUES[language_of(context, os.environ)]


def state_in(words: Words, state: State) -> str:
    """A state of an identity: by its name where the language is that of the names."""
    return state if words.native else words.ledger[state]


def _told(error: StationError, context: Configured | None) -> str:
    from station.words.told import command_lines

    return "\n".join(command_lines(error, words_of(context)))


def _say(text: str) -> None:
    with suppress(OSError, ValueError):  # nobody is left to hear it
        say_lines(text)
