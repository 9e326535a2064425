# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of clouds is true: each operation's command exists, its tests run it, and none is missing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from station.cli import cli
from station.cloud.aliyun_iot import client as aliyun_iot
from station.cloud.aliyun_iot.rpc import RpcOperation
from station.cloud.clouds import CLOUDS, Cloud
from tests.readme.pages import PAIRS, ROOT

PAGES = PAIRS["clouds"]
CHINESE = {"飞燕": "Living Link", "物联网平台": "IoT Platform", "任何云": "any"}
"""What is called otherwise there."""
Row = tuple[str, str, list[str], list[str]]  # cloud, operation, commands, tests

WANTED = {
    "products": {"product list", "product show"},
    "making": {"product create"},
    "batches": {"batch generate --product", "batch generate --batch", "batch upload-names"},
    "sets": {"batch generate-nvr"},
    "certificates": {"pull"},
    "registration": {"batch register", "batch reset-secret", "batch orphans"},
}
"""What each capability of a cloud is by the command line."""
UNSHOWN = {("IoTDA", "product list"), ("IoTDA", "product show")}  # the same as for the others, and not worth a line


def rows(page: Path) -> list[Row]:
    """Rows of the table whose first cell begins with a cloud's name."""
    found = []
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name, colon, operation = (
            re.split(r"([:：])", cells[0], maxsplit=1) if re.search("[:：]", cells[0]) else ("", "", "")
        )
        commands = [
            command.removeprefix("station ") for command in re.findall(r"`(station [^`]+)`", "".join(cells[1:2]))
        ]
        if len(cells) == 3 and colon and commands:
            tests = re.findall(r"`(tests/[\w/]+\.py)`", cells[2])
            found.append((CHINESE.get(name, name), operation.strip(), commands, tests))
    return found


@pytest.fixture(params=PAGES, ids=lambda path: path.name)
def table(request: pytest.FixtureRequest) -> list[Row]:
    return rows(request.param)


def command_of(words: str) -> tuple[click.Command, list[str]]:
    """The click command, and the words behind its name."""
    first, *rest = shlex.split(words.replace("[", "").replace("]", ""))
    command = cli.get_command(click.Context(cli), first)
    if isinstance(command, click.Group):
        command = command.commands[rest.pop(0)]
    assert command is not None, words
    return command, rest


def test_both_languages_have_the_same_rows() -> None:
    english, chinese = ([(row[0], row[2], row[3]) for row in rows(page)] for page in PAGES)
    assert english == chinese


def test_each_command_takes_what_the_table_gives_it(table: list[Row]) -> None:
    for _, _, commands, _ in table:
        for words in commands:
            command, rest = command_of(words)
            options = {name for parameter in command.params for name in parameter.opts}
            assert {word for word in rest if word.startswith("--")} <= options, words
            if "--cloud" in rest:
                assert rest[rest.index("--cloud") + 1] in set(CLOUDS), words


def test_each_row_names_tests_that_run_its_command(table: list[Row]) -> None:
    for cloud, operation, commands, tests in table:
        assert tests, (cloud, operation)
        texts = [(ROOT / test).read_text("utf-8") for test in tests]
        for words in commands:
            name = re.match(r"[a-z]+(?: [a-z][a-z-]+)?", words)
            assert name
            spoken = ", ".join(f'"{word}"' for word in name[0].split())
            assert any(spoken in text for text in texts), (cloud, words, tests)


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=lambda cloud: cloud.provider)
def test_what_a_cloud_offers_is_in_the_table(cloud: Cloud, table: list[Row]) -> None:
    shown = [words for name, _, commands, _ in table if cloud.title.endswith(name) for words in commands]
    for capability, wanted in WANTED.items():
        for prefix in wanted:
            offered = getattr(cloud, capability) is not None and (cloud.title, prefix) not in UNSHOWN
            name, _, option = prefix.partition(" --")
            there = any(words.startswith(name) and (not option or f"--{option}" in words) for words in shown)
            assert there or not offered, f"no row “{cloud.title}: …” has `station {prefix}`, which it offers"
            assert offered or not there or (cloud.title, prefix) in UNSHOWN, (cloud.title, prefix)


def test_every_operation_of_the_iot_platform_that_is_called_is_named(table: list[Row]) -> None:
    called = {one.action for one in vars(aliyun_iot).values() if isinstance(one, RpcOperation)}
    named = re.findall(r"[A-Z]\w+[a-z][A-Z]\w+", "".join(row[1] for row in table if row[0] == "IoT Platform"))
    assert set(named) == called
    assert len(named) == len(called)
