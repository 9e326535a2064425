# SPDX-License-Identifier: GPL-3.0-or-later
"""`station help`: pages about the work, a topic each, and one about each error code."""

from __future__ import annotations

from collections.abc import Sequence

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_lines, print_table
from station.cli.pager import paged
from station.cli.spoken import Spoken
from station.codes import Code
from station.docs import TOPICS, page_language, page_text, title_of
from station.errors import UsageError
from station.meant import perhaps


def _offered(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    return [word for word in (*TOPICS, *Code) if word.startswith((begun, begun.upper()))]


@click.command("help", cls=Spoken)
@click.argument("word", required=False, default="", metavar="[TOPIC|CODE]", shell_complete=_offered)
@json_option
@click.pass_context
@paged
def code_help(within: click.Context, word: str, *, as_json: bool) -> None:
    """How things are done, by topic; what an error code means, what to do and who does it.

    Without TOPIC or CODE the topics; with --json all codes and topics, one a line; of a TOPIC its page as Markdown. The
    name of a command shows its help.
    """
    ctx: Context = within.obj
    word = word.strip()
    code, topic = Code.of(word.upper()), word.lower()
    if as_json:
        _print_json(word, ctx)
    elif code:
        from station.words.manual import page_lines

        print_lines("\n".join(page_lines(code, ctx.words)))
    elif topic in TOPICS:
        from station.cli.doc_page import page_lines as laid_out

        print_lines("\n".join(laid_out(page_text(topic, ctx.words.language), within.make_formatter().width)))
    elif word:
        print_lines(_help_of_command(word, within))
    else:
        _print_topics(ctx)


def _print_json(word: str, ctx: Context) -> None:
    from station.words.manual import page_of

    language, chosen = ctx.words.language, word.lower()
    codes = [code for code in Code if chosen in ("", code.lower())]
    topics = [topic for topic in TOPICS if chosen in ("", topic)]
    if not codes and not topics:
        raise _unknown(word, ())
    for code in codes:
        print_json(page_of(code, ctx.words)._asdict())
    for topic in topics:
        page = {"page": page_text(topic, language)} if word else {}
        spoken = page_language(topic, language)
        print_json({"topic": topic, "title": title_of(topic, language), "language": spoken, **page})


def _print_topics(ctx: Context) -> None:
    from station.words.manual import manual_of

    words, language = manual_of(ctx.words), ctx.words.language
    print_table((words.topic, words.page), ((topic, title_of(topic, language)) for topic in TOPICS))
    print_line()
    print_line(words.all_codes)


def _help_of_command(name: str, within: click.Context) -> str:
    root = within.find_root()
    group = root.command
    assert isinstance(group, click.Group)
    command = group.get_command(root, name)
    if command is None:
        raise _unknown(name, group.list_commands(root))
    return command.get_help(click.Context(command, parent=root, info_name=name))


def _unknown(word: str, commands: Sequence[str]) -> UsageError:
    return UsageError(
        f"there is no topic, code or command “{word}”{perhaps(word, [*TOPICS, *commands])}",
        do="the topics: station help; all codes: station help errors",
        code=Code.E100,
    )
