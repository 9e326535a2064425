# SPDX-License-Identifier: GPL-3.0-or-later
"""What an argument must be to mean anything: said before a cloud or a ledger is asked."""

from __future__ import annotations

import os
import string
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from station.codes import Code
from station.errors import UsageError

if TYPE_CHECKING:
    _Text = click.ParamType[str]
else:
    _Text = click.ParamType  # not every click takes what it is of


_UNSEEN = "\xa0\u2000\u2001\u2002\u2003\u2009\u200a\u200b\u200e\u200f\u202f\u2060\u3000\ufeff"


def require_terminal(screen: str, do: str) -> None:
    """UsageError where nobody would see a screen: in a pipe it would be drawn for ever. A browser is one, too."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) and "TEXTUAL_DRIVER" not in os.environ:
        raise UsageError(f"{screen} needs a terminal", do=do, code=Code.E121)


class _Named(_Text):
    """A name as it was pasted, without the blanks around it."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return trimmed(value) or self.fail("it is empty", param, ctx)


class _NameOrNone(_Text):
    """Likewise; "" is none."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return trimmed(value)


def trimmed(value: str) -> str:
    """Without the blanks around it, also those without a width, which web pages put there."""
    return value.strip(f"{string.whitespace}{_UNSEEN}")


class _Moment(_Text):
    """ISO 8601; UTC where it says nothing else. "" is any time."""

    name = "moment"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            at = datetime.fromisoformat(value) if value else None
            if at is None:
                return ""
            return (at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)).isoformat()
        except (ValueError, OverflowError):  # the second: in UTC it is before the year 1
            self.fail(f"“{value}” is no time; e.g. 2026-11-22T06:00", param, ctx)

    @staticmethod
    def unix(moment: str) -> float:
        """Of what `convert` gave, seconds since 1970."""
        return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() if moment else 0.0


class _Day(_Text):
    """A date, as ISO 8601 has it. "" is none."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return date.fromisoformat(value).isoformat() if value else ""
        except ValueError:
            self.fail(f"“{value}” is no day; e.g. 2026-11-22", param, ctx)


NAMED, NAME_OR_NONE, MOMENT, DAY = _Named(), _NameOrNone(), _Moment(), _Day()
