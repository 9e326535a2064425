# SPDX-License-Identifier: GPL-3.0-or-later
"""`--help` and usage errors of every command, in every language: the whole tree is walked."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click
import pytest

from station.cli import cli
from station.cli.help_page import page
from station.cli.spoken import Spoken
from station.cli.table import filled
from station.codes import Exit
from station.model import Language
from station.words.help_words import HelpWords, help_words, tails
from station.words.width import cells
from tests.cli.cli_shell import Shell

FOREIGN = [(language, words) for language in Language if (words := help_words(language))]
each_language = pytest.mark.parametrize(("language", "words"), FOREIGN)
TYPED = re.compile(
    r"--[a-z-]+|\bE\d{3}\b|`[^`]+`|\b[A-Z_]{2,}\b|\b0\d{3}\b|\b[a-z]+_[a-z_]+\b|\bstation\.toml\b", re.ASCII
)
"""What is typed or quoted, and is the same in every language."""
SAME_ANYWAY = {"QR", "NVR", "PC", "JSON", "URL", "PIN", "OP", "TCP", "LINK", "ISO", "UTC", "SLOT"}
CHINESE = ("--set", "bench.language=zh")


def tree(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    names = ctx.command_path.split(" ")[1:]
    yield " ".join(names), command, ctx
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from tree(found, click.Context(found, parent=ctx, info_name=name))


@pytest.fixture(scope="module")
def commands() -> list[tuple[str, click.Command, click.Context]]:
    settings = {"help_option_names": ["-h", "--help"], "terminal_width": 80}
    return list(tree(cli, click.Context(cli, info_name="station", **settings)))  # type: ignore[arg-type]


def listed_under(path: str, texts: object) -> str | None:
    return next((tail for tail in tails(path) if tail in texts), None)  # type: ignore[operator]


def options(commands: list[tuple[str, click.Command, click.Context]]) -> Iterator[tuple[str, str]]:
    """Path and English text of each."""
    for path, command, _ in commands:
        for option in command.params:
            if isinstance(option, click.Option):
                yield f"{path} {option.opts[0]}".strip(), option.help or ""


def test_every_command_speaks(commands: list[tuple[str, click.Command, click.Context]]) -> None:
    assert [path for path, command, _ in commands if not isinstance(command, Spoken)] == []


@each_language
def test_nothing_is_untranslated_and_nothing_is_listed_in_vain(
    commands: list[tuple[str, click.Command, click.Context]], language: Language, words: HelpWords
) -> None:
    named = {path: listed_under(path, words.about) if path else "" for path, _, _ in commands}
    assert [path for path, found in named.items() if found is None] == [], f"write them in words/{language.name}_help…"
    assert set(words.about) - set(named.values()) == set(), "no command uses it"
    said = {path: listed_under(path, words.of_options) for path, _ in options(commands)}
    assert [path for path, found in said.items() if found is None] == [], f"write them in words/{language.name}_help…"
    assert set(words.of_options) - set(said.values()) == set(), "no option uses it"
    assert set(words.summaries) == set(cli.list_commands(commands[0][2]))


@each_language
def test_what_is_listed_once_for_many_is_one_text_in_english(
    commands: list[tuple[str, click.Command, click.Context]], language: Language, words: HelpWords
) -> None:
    shared: dict[str, set[str]] = {}
    for path, english in options(commands):
        shared.setdefault(listed_under(path, words.of_options) or "", set()).add(english)
    assert {key: texts for key, texts in shared.items() if len(texts) > 1} == {}, language


def typed(text: str) -> set[str]:
    return set(TYPED.findall(text)) - SAME_ANYWAY


@each_language
def test_what_is_typed_is_the_same_in_both(
    commands: list[tuple[str, click.Command, click.Context]], language: Language, words: HelpWords
) -> None:
    for path, command, _ in commands:
        here = words.about[listed_under(path, words.about) or ""]
        assert typed(here) == typed(inspect.cleandoc(command.help or "")), (language, path)
    for path, english in options(commands):
        here = words.of_options[listed_under(path, words.of_options) or ""]
        assert typed(here) == typed(english), (language, path)


WESTERN = re.compile(r"(?<![-\w./@`])(?:the|is|of|and|or|with|a|to|for|default|required|Usage|Options|Commands|Show)\b")


def test_a_page_in_chinese_has_no_english_sentence_and_fits(
    commands: list[tuple[str, click.Command, click.Context]],
) -> None:
    words = help_words(Language.CHINESE)
    assert words is not None
    for path, command, ctx in commands:
        text = page(command, ctx, words)
        if path == "simulate cloud":
            text = text.partition("\n\n选项：")[0]  # below stand the simulator's own tables
        assert not WESTERN.search(text), (path, WESTERN.search(text))
        as_they_are = path == "import"
        assert as_they_are or [line for line in text.splitlines() if cells(line) > 80] == [], path


def test_a_line_ends_by_cells_and_begins_with_no_closing_mark() -> None:
    text = "把线上的收发连同时间追加到文件；密钥已遮盖。" * 5
    lines = filled(text, 21)
    assert "".join(lines) == text
    assert max(map(cells, lines)) <= 21
    assert not [line for line in lines if line[0] in "，。；：、）”"]
    assert filled("two words  and\nmore", 9) == ["two words", "and more"]
    assert filled("", 9) == []


USAGE = [
    (("nosuch",), "没有命令 'nosuch'。"),
    (("pul",), "没有命令 'pul'。是不是 'pull'？"),
    (("generate",), "没有命令 'generate'。是不是 'station batch generate'？"),
    (("pull",), "缺少参数 'BATCH'。"),
    (("pull", "1", "2"), "多余的参数：2"),
    (("pull", "1", "--nosuch"), "没有选项 '--nosuch'。"),
    (("pull", "1", "--jsn"), "没有选项 '--jsn'。是不是"),
    (("pull", "1", "--wait"), "选项 '--wait' 后面要有值。"),
    (("pull", "1", "--json=3"), "选项 '--json' 不带值。"),
    (("pull", "1", "--wait", "long"), "'--wait' 的值无效：'long' 不是数值。"),
    (("pull", "1", "--page-size", "x"), "'--page-size' 的值无效：'x' 不是整数。"),
    (("pull", "1", "--page-size", "0"), "'--page-size' 的值无效：0 超出范围 1<=x<=200。"),
    (("pull", " "), "'BATCH' 的值无效：内容为空"),
    (("certs", "--state", "DONE"), "'--state' 的值无效：'DONE' 不在可选值之内："),
    (("unlock",), "缺少选项 '--reason'。"),
    (("key", "move"), "缺少选项 '--to'。可选："),
    (("import", "/no/such.csv"), "'FILE' 的值无效：文件 '/no/such.csv' 不存在。"),
    (("import", "/"), "'FILE' 的值无效：'/' 是文件夹，不是文件。"),
    (("report", "export", "--since", "noon"), "'--since' 的值无效：“noon” 不是时间；例如 2026-11-22T06:00"),
]


def test_usage_errors_are_told_in_chinese(shell: Shell) -> None:
    for arguments, message in USAGE:
        done = shell(*CHINESE, *arguments)
        assert done.code == Exit.USAGE
        before, _, error = done.err.partition("错误：")
        if before:  # click does not always know at which command it was
            assert re.fullmatch("用法：.*\n查看帮助：.* -h\n\n", before), before
        assert error.replace("[FILE]", "FILE").startswith(message), error
        assert not WESTERN.search(error), error


def test_help_is_in_the_language_of_the_bench(shell: Shell) -> None:
    assert "用法：" in shell(*CHINESE, "--help").out
    shown = shell(*CHINESE, "batch", "pull", "--help").out
    assert "把生产批次 BATCH 的证书拉取到账本。" in shown
    assert "输出给程序用的 JSON。" in shown
    assert shell(*CHINESE, "batch").err.startswith("用法：")
    assert shell("batch", "pull", "--help").out.startswith("Usage: ")
    shell.config.write_text('[bench]\nlanguage = "zh"\n')
    assert shell("--help").out.startswith("用法：")
    shell.config.write_text("no toml")
    assert shell("pull", "--help").out.startswith("Usage: "), "whoever needs help most gets it"
    shell.environment |= {"LC_ALL": "zh_CN.UTF-8"}
    assert shell("pull", "--help").out.startswith("用法：")
