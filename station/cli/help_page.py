# SPDX-License-Identifier: GPL-3.0-or-later
"""A command's help in another language than click's own, laid out by cells: a Chinese character is two of them, and a
line may end behind any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from typing import TYPE_CHECKING

import click

from station.cli.table import filled
from station.words.width import cells

if TYPE_CHECKING:
    from station.words.help_words import HelpWords

AS_IT_IS = "\b"
"""Before a paragraph: its lines are not filled."""
_WIDEST_TERM = 30
_INDENT = "  "


def usage(command: click.Command, ctx: click.Context, words: HelpWords) -> str:
    pieces = [words.parts.get(piece, piece) for piece in command.collect_usage_pieces(ctx)]
    return words.usage + " ".join([ctx.command_path, *pieces])


def page(command: click.Command, ctx: click.Context, words: HelpWords) -> str:
    """What `--help` prints, without a newline at its end."""
    from station.words.help_words import found_by

    width = ctx.make_formatter().width
    path = _path(ctx)
    lines = [usage(command, ctx, words), ""]
    text = found_by(path, words.about) if path else words.about[""]
    for paragraph in (text or command.help or "").split("\n\n"):
        if paragraph.startswith(AS_IT_IS):
            lines += [_INDENT + line for line in paragraph.splitlines()[1:]]
        else:
            lines += [_INDENT + line for line in filled(paragraph, width - len(_INDENT))]
        lines.append("")
    lines += [words.options, *described(_options(command, ctx, words), width)]
    if isinstance(command, click.Group):
        lines += ["", words.commands, *described(_commands(command, ctx, words), width)]
    epilog = ctx.make_formatter()
    command.format_epilog(ctx, epilog)
    return "\n".join(lines) + epilog.getvalue().rstrip()


def _path(ctx: click.Context) -> str:
    """The command's names without the program's."""
    names = []
    while ctx.parent is not None:
        names.append(ctx.info_name or "")
        ctx = ctx.parent
    return " ".join(reversed(names))


def _options(command: click.Command, ctx: click.Context, words: HelpWords) -> Iterator[tuple[str, str]]:
    from station.words.help_words import found_by

    for option in command.get_params(ctx):
        if not isinstance(option, click.Option) or option.hidden:
            continue
        text = found_by(f"{_path(ctx)} {option.opts[0]}".strip(), words.of_options) or option.help or ""
        if option.opts == list(ctx.help_option_names):
            text = words.show_help
        spoken = copy(option)
        spoken.help = "?"
        names, behind = spoken.get_help_record(ctx) or ("", "")
        yield _names(option, names, words), text + _behind(behind.removeprefix("?"), words)


def _names(option: click.Option, names: str, words: HelpWords) -> str:
    """`names` ends with what kind of value the option takes, in click's words where we gave none."""
    first, blank, kind = names.rpartition(option.opts[-1] + " ")
    ours = option.metavar not in (None, "SECONDS")  # a name that texts speak of
    return names if ours or kind not in words.parts else first + blank + words.parts[kind]


def _behind(extra: str, words: HelpWords) -> str:
    """`extra` is as click has it: "  [default: 4; 1<=x<=16; required]"."""
    said = []
    for part in filter(None, extra.strip().removeprefix("[").removesuffix("]").split("; ")):
        kind, colon, value = part.partition("default: ")
        default = colon and not kind
        said.append(
            words.default.format(value=words.parts.get(value, value)) if default else words.parts.get(part, part)
        )
    return f" [{'；'.join(said)}]" if said else ""


def _commands(group: click.Group, ctx: click.Context, words: HelpWords) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(ctx):
        if ctx.parent is None:
            yield name, words.summaries[name]
        else:
            from station.words.help_words import found_by

            text = found_by(f"{_path(ctx)} {name}", words.about) or ""
            yield name, text.partition("\n")[0].partition("。")[0]


def described(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    listed = list(rows)
    column = min(max((cells(term) for term, _ in listed), default=0), _WIDEST_TERM) + len(_INDENT)
    for term, text in listed:
        first, *further = filled(text, max(width - column - len(_INDENT), 10)) or [""]
        if cells(term) + len(_INDENT) > column:
            yield _INDENT + term
            yield _INDENT + " " * column + first
        else:
            yield _INDENT + term + " " * (column - cells(term)) + first
        yield from (_INDENT + " " * column + line for line in further)
