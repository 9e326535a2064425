# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page: every command's help as troff, from the same texts that `--help` prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import click

from station import __version__
from station.codes import Exit
from station.docs import TOPICS, title_of
from station.model import Language

_WIDTH = 72


def man_page(root: click.Command, *, on: date | None = None) -> str:
    """Section 1; `on`: the day it is made, as a rule today."""
    day = on or datetime.now(UTC).date()
    lines = [f'.TH STATION 1 "{day.isoformat()}" "certificate-station {__version__}" "User Commands"']
    settings: dict[str, Any] = {**root.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    ctx = click.Context(root, info_name="station", **settings)
    about, _, more = (root.help or "").partition("\n\n")
    lines += [".SH NAME", f"station \\- {_plain(about)}", ".SH SYNOPSIS", r".B station", _plain(_usage(root, ctx))]
    lines += [".SH DESCRIPTION", *_paragraphs(more), ".SH OPTIONS", *_options(root, ctx), ".SH COMMANDS"]
    for command, inner in _tree(root, ctx):
        lines += [f'.SS "{_plain(inner.command_path)} {_plain(_usage(command, inner))}"']
        lines += [*_paragraphs(command.help or ""), *_options(command, inner)]
    lines += [".SH EXIT STATUS"]
    for code in Exit:
        lines += [".TP", rf"\fB{int(code)}\fR", _plain(code.name.lower().replace("_", " "))]
    lines += [".SH SEE ALSO", "Pages about the work, in the language of the bench:"]
    for topic in TOPICS:
        lines += [".TP", rf"\fBstation help {topic}\fR", _plain(title_of(topic, Language.ENGLISH))]
    return "\n".join(lines) + "\n"


def _tree(command: click.Command, ctx: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(ctx):
        found = command.get_command(ctx, name)
        if found is not None and not found.hidden:
            inner = click.Context(found, parent=ctx, info_name=name)
            yield found, inner
            yield from _tree(found, inner)


def _usage(command: click.Command, ctx: click.Context) -> str:
    return " ".join(command.collect_usage_pieces(ctx))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in filter(None, (one.strip("\n") for one in text.split("\n\n"))):
        if paragraph.startswith("\b"):  # its lines stay as they are
            yield from (".PP", ".nf", *(_plain(line) for line in paragraph.splitlines()[1:]), ".fi")
        else:
            yield from (".PP", _plain(" ".join(paragraph.split())))


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    for option in command.get_params(ctx):
        record = option.get_help_record(ctx) if isinstance(option, click.Option) and not option.hidden else None
        if record is not None and "--help" not in record[0]:
            yield from (".TP", rf"\fB{_plain(record[0])}\fR", _plain(record[1]))


def _plain(text: str) -> str:
    """As troff prints it letter by letter: no escape, no request, and hyphens that can be copied."""
    safe = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return "\\&" + safe if safe[:1] in (".", "'") else safe
