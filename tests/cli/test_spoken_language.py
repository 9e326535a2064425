# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands speak to people in the language of the bench; objects for programs are in no language."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from station.codes import Exit
from station.model import BoardUid, IdentityKind
from station.simulate.agent_board import SimulatedAgentBoard
from tests.cli.cli_shell import PIN, Done, Shell

CHINESE = ("--set", "bench.language=zh")
_TALK = re.compile(r"\b(passed|identities|unlocked|slot|supervisor is|new|RETIRED)\b")


def chinese(shell: Shell, *arguments: str) -> Done:
    done = shell(*CHINESE, *arguments)
    assert not _TALK.search(done.out + done.err), done
    return done


def test_a_run_tells_how_each_board_ended_and_the_counts(shell: Shell) -> None:
    shell.write_profile()
    shell.stock_up("cam1", "cam2")
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "1.bin") as board:
        done = chinese(shell, "flash", "--profile", "cam", "--port", board.url)
        assert done.code == Exit.OK, done.err
        passed, counts = done.err.splitlines()
        assert passed.split()[0] == "烧录位"
        assert passed.split()[2:5] == ["合格", "cam1", "ab00000000000001"]
        assert passed.endswith(" 秒")
        assert counts == "合格 1，不良 0，待确认 0，待烧录 1"
        events = shell(*CHINESE, "flash", "--profile", "cam", "--port", board.url, "--json").json
        assert "ALREADY_DONE" in [event.get("state") for event in events]


def test_a_board_that_failed_is_told_by_what_its_code_says(shell: Shell) -> None:
    shell.write_profile()
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "1.bin") as board:
        done = chinese(shell, "flash", "--profile", "cam", "--port", board.url)
        in_english = shell("flash", "--profile", "cam", "--port", board.url)
    assert done.code == in_english.code == Exit.NO_CERTIFICATES
    assert "E500 证书（三元组）已用完 → 等待证书" in done.err
    assert "is left for a1Cam → pull another batch" in in_english.err
    assert "a1Cam 没有待烧录的证书了（single） → 再拉取一个批次：station pull BATCH --product a1Cam" in done.err


def test_an_import_and_a_supervisors_word(shell: Shell) -> None:
    pin = shell.private("pin", PIN)
    assert (
        chinese(shell, "supervisor", "set-pin", "--name", "Li", "--new-pin-file", pin).err == "Li 的班长密码已设置。\n"
    )
    file = shell.private("a.csv", "ProductKey,DeviceName,DeviceSecret\na1Cam,cam1,Secret1\na1Cam,cam2,Secret2\n")
    done = chinese(shell, "import", file, "--dry-run")
    assert "标题在第 1 行：" in done.out
    assert "其中 2 份将是新到" in done.out
    assert "：文件中 2 份，新到 2" in chinese(shell, "import", file).out
    other = shell.private("b.csv", "ProductKey,DeviceName,DeviceSecret\na1Cam,cam1,Secret9\n")
    done = chinese(shell, "import", other)
    assert done.code == Exit.PERSON_NEEDED
    assert "a1Cam/cam1 与账本内容不一致：不会烧录到板卡" in done.err
    assert chinese(shell, "slots").err == "还没有设置烧录位：station slots assign 1\n"
    assert chinese(shell, "stranger", "list").err == "没有去向不明的板卡\n"


def test_what_the_opening_of_a_ledger_says(shell: Shell) -> None:
    shell.stock_up("cam1", "cam2")
    with shell.open_ledger() as ledger:
        ledger.begin(ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid("aa01"), "3").attempt)
    assert shell(*CHINESE, "status").err == "a1Cam/cam1 待确认：请放回原板 aa01，任意烧录位\n"
    copy = shell.folder / "copy"
    shutil.copytree(shell.folder / "state", copy)
    pin = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--new-pin-file", pin).code == 0
    assert shell("retire", "cam2", "--reason", "x", "--yes", "--pin-file", pin).code == 0
    with shell.open_ledger() as ledger:
        (witness,) = Path(os.environ["XDG_STATE_HOME"]).rglob(f"{ledger.facts.get('ledger_id')}.witness")
    with witness.open("ab") as file:
        file.write(b"no line\n")
    assert shell(*CHINESE, "status").err == "见证记录中有 1 行已损坏或属于别的账本，已跳过\n"
    shutil.rmtree(shell.folder / "state")
    copy.rename(shell.folder / "state")
    told = shell(*CHINESE, "status").err
    assert told.startswith("E702 这本账本比") and "\n  影响：" in told, told
    in_english = shell("status").err
    assert in_english.startswith("E702 this ledger is older"), in_english


def test_no_set_waits(shell: Shell) -> None:
    shell.stock_up("cam1")
    assert chinese(shell, "set", "list").err == "没有等待决定的套\n"
    assert shell("set", "list").err == "no set waits for a word about a camera\n"
    assert (shell("set", "list", "--json").out, shell("set", "list", "--json").err) == ("", "")


def test_what_is_said_beside_the_data_is_in_the_language_of_the_bench(shell: Shell) -> None:
    assert shell(*CHINESE, "profile", "list").err == (
        "建立自己的：station profile new NAME --like SHIPPED --product PRODUCTKEY\n"
    )
    assert "没有问题；数据在" in chinese(shell, "config", "check").err
    assert "没有问题" not in shell("config", "check").err


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ("bench.lock_slot_after=99", "bench.lock_slot_after 必须为 2 到 10"),
        ("mes.wait_s=100", "mes.wait_s 必须为 0.1 到 60"),
        ("serve.accept=x", "serve.accept 必须是 digest, partial, reported 之一"),
        ("bench.plan=-2", "bench.plan 不能为负"),
        ("bench.plan=abc", "bench.plan (flag)：必须是数字，不能是“abc”"),
        ("serve.unsecured=maybe", "serve.unsecured (flag)：必须是 true 或 false"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_the_language_of_the_system(
    shell: Shell, setting: str, fault: str
) -> None:
    shell.environment |= {"LC_ALL": "zh_CN.UTF-8"}
    assert f"{fault}\n  处理：请改正" in shell("--set", setting, "status").err


def test_a_command_that_needs_a_terminal_does_not_ask_for_product_and_amount(shell: Shell) -> None:
    told = chinese(shell, "run").err
    assert ("需要终端" in told, "  处理：" in told, "产品和数量" in told) == (True, True, False)
