# SPDX-License-Identifier: GPL-3.0-or-later
"""Details of errors, findings and matters in Chinese: each that the house can raise has its words."""

from __future__ import annotations

import gc
import re
from collections import Counter
from functools import cache
from importlib import import_module
from string import Formatter

import pytest

from station.codes import Code
from station.errors import CloudRefused, ConfigError, PortFault
from station.ledger.locks import BY_HAND, Lock
from station.model import Language
from station.refusals import differs
from station.words.chinese_details import ROOMS
from station.words.details import said
from station.words.told import asked_lines, command_lines, lock_line, reason_line, whole_error
from station.words.tongues import TONGUES
from tests.tui.raised_texts import House

CHINESE, ENGLISH = TONGUES[Language.CHINESE], TONGUES[Language.ENGLISH]
TABLES = {room: import_module(f"station.words.chinese_details.{room}").DETAILS for room in ROOMS}
ALL = {text: chinese for table in TABLES.values() for text, chinese in table.items()}


@cache
def raised() -> dict[str, set[str]]:
    gc.disable()  # two million nodes, all of them kept to the end: to walk them again and again is half of it
    try:
        return House().gather()
    finally:
        gc.enable()


def test_each_text_that_the_house_can_raise_has_its_chinese() -> None:
    missing = {text: sorted(where) for text, where in raised().items() if text not in ALL}
    lines = [f'    "{text}": "",  # {", ".join(where)}' for text, where in missing.items()]
    assert not missing, "\n".join(["add each to a table of station/words/chinese_details:", *lines])


def test_no_text_stands_there_that_the_house_does_not_raise() -> None:
    assert sorted(set(ALL) - set(raised())) == []


def test_no_text_stands_there_twice() -> None:
    count = Counter(text for table in TABLES.values() for text in table)
    assert [text for text, times in count.items() if times > 1] == []


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_places(room: str) -> None:
    for text, chinese in TABLES[room].items():
        count = sum(place is not None for _, place, _, _ in Formatter().parse(text))
        filled = chinese.format(*(f"⟨{at}⟩" for at in range(count)))
        assert [filled.count(f"⟨{at}⟩") for at in range(count)] == [1] * count, text


@pytest.mark.parametrize("room", ROOMS)
def test_each_text_is_found_again_when_it_is_finished(room: str) -> None:
    for text, chinese in TABLES[room].items():
        places = [f"⟨{at}⟩" for at in range(text.count("{}"))]
        finished = text.format(*places)
        for one in {finished.replace("(s)", ending) for ending in ("", "s")}:
            assert said(one, CHINESE) == chinese.format(*places), text


@pytest.mark.parametrize("room", ROOMS)
def test_a_chinese_detail_has_chinese_marks(room: str) -> None:
    wrong = [text for text in TABLES[room].values() if re.search(r"[\u4e00-\u9fff][,;!?:]( |$)", text)]
    assert wrong == []


SAID = {
    "no label was scanned": "没有扫描标签",
    "port /dev/ttyUSB0 is in use by screen (pid 77)": "端口 /dev/ttyUSB0 正被 screen (pid 77) 使用",
    "clone: board AA carries pk/d1, which belongs to board BB": "重号：板卡 AA 带有 pk/d1，该证书属于板卡 BB",
    # the places in another order
    "there is a slot 3 in station.toml already": "station.toml 中已有烧录位 3",
    # a text in a place of another
    "the board does not hold what was written: two pages have the same number": (
        "板卡上的内容与烧录的不一致：两页的序号相同"
    ),
    # slots in a place, and what is told in lines
    "locked: slot 1; the station": "已锁定：烧录位 1；本站",
    "a.csv has 2 bad rows:\n    row 2: it has the deviceSecret of row 3 too\n    row 3: DeviceName is missing": (
        "a.csv 有 2 行错误：\n    第 2 行：与第 3 行的 deviceSecret 相同\n    第 3 行：DeviceName 缺失"
    ),
    "slot 1 is unlocked already, Li": "烧录位 1 已经解锁，Li",
    # a list, some of it after the name of what it is said of
    "profile x: “name” is missing; console.uid must be ASCII": "产品配置 x：缺少“name”；console.uid 必须是 ASCII",
    # a finding and a matter name the code and the slot first
    "E311 port /dev/x was lost": "E311 端口 /dev/x 断开",
    "A1: E316 /dev/x cannot be reached": "A1: E316 连不上 /dev/x",
    "2: E602 slot 2 is locked: 3 failures in a row, probably the fixture": (
        "2: E602 烧录位 2 已锁定：连续 3 块不良，可能是治具"
    ),
    "the station: E603 the station is locked: 5 failures in the last 10 boards": (
        "本站: E603 本站已锁定：最近 10 块中 5 块不良"
    ),
    "the station: E702 this ledger was moved: its certificates are given out at /x/line.db": (
        "本站: E702 这本账本已搬走，证书改由 /x/line.db 发放"
    ),
    # what is put behind a file's name
    "a.csv, sheet “S”, row 4 has no column for deviceSecret": "a.csv，工作表“S”，第 4 行没有 deviceSecret 的列",
    # one or several
    "set N waits for 1 camera: c1": "套 N 在等 1 个摄像头：c1",
    "set N waits for 2 cameras: c1, c2": "套 N 在等 2 个摄像头：c1, c2",
    # what the system says, known or not, is the reason of a short text
    "cannot read /x: No such file or directory": "无法读取 /x：没有这个文件或文件夹",
    "cannot write /x: the volume was unmounted": "无法写 /x：the volume was unmounted",
    "a.toml is not TOML: expected an equals sign": "a.toml 不是 TOML：expected an equals sign",
    # why a pull waits
    "0 identities of batch 78 came (batch 78 is still being made); asking again in 2 s": (
        "批次 78 已到 0 份（批次 78 还在生成）；2 秒后再问"
    ),
    "batch 78: nothing came (batch 78 is still being made)": "批次 78：还没有收到证书（批次 78 还在生成）",
    # and the marks of a text in brackets are its own
    "batch 5: nothing came (query certificates: no such batch, code 6271 (device apply not found); request id 9)": (
        "批次 5：还没有收到证书（查询证书：没有这个批次，代码 6271 (device apply not found)；请求编号 9）"
    ),
    "0 identities of batch 5 came (query certificates: no such batch, code 6271; request id 9); asking again in 1 s": (
        "批次 5 已到 0 份（查询证书：没有这个批次，代码 6271；请求编号 9）；1 秒后再问"
    ),
    "30 identities of batch 78 came; asking again in 2 s": "批次 78 已到 30 份；2 秒后再问",
    "api.x.com allows fewer calls than calls_per_s (too many requests); asking again in 1 s": (
        "api.x.com 允许的调用次数少于 calls_per_s（请求过多）；1 秒后再问"
    ),
    # what a vendor says may have any mark in it
    "get a cloud token: refused with HTTP 400: Invalid Signature, Server StringToSign:`json; charset=UTF-8`; "
    "request id 9a86, gateway A16D": (
        "获取云端令牌：被拒绝，HTTP 400：Invalid Signature, Server StringToSign:`json; charset=UTF-8`；"
        "请求编号 9a86，网关 A16D"
    ),
    # what the serial library says
    "there is no port /x: could not open port /x: [Errno 2] No such file or directory: '/x'": (
        "没有端口 /x：打不开端口 /x：没有这个文件或文件夹"
    ),
    # out of a table of refusals
    "the board's flash does not take the identity (COMMIT)": "板卡的闪存写不进证书（COMMIT）",
    "the label printer lp does not print: it is out of paper; its head is open": (
        "标签打印机 lp 不打印：缺纸；打印头未合上"
    ),
    "list products: forbidden, code 403; request id 9": "列出产品：没有权限，代码 403；请求编号 9",
    # braces of its own
    "“channels.x” must have {n} where the channel's number goes": "“channels.x”必须在通道号的位置写 {n}",
}


@pytest.mark.parametrize("text", SAID)
def test_a_finished_text_is_said_in_chinese(text: str) -> None:
    assert said(text, CHINESE) == SAID[text]
    assert said(text, ENGLISH) == text


@pytest.mark.parametrize("text", ["", "scratches on the housing", "{0} {}", "x" * 5000, f"port {'x' * 5000} was lost"])
def test_what_no_template_fits_stays_as_it_is(text: str) -> None:
    assert said(text, CHINESE) == text


@pytest.mark.parametrize(
    "text", ["the board does not hold a thing", "3 cards of batch 78 were lost (the query was slow)"]
)
def test_a_short_template_is_not_found_in_the_middle_of_a_sentence(text: str) -> None:
    assert said(text, CHINESE) == text


def test_what_stands_in_a_place_is_no_template() -> None:
    assert said("port {0}{9}%s\\ was lost", CHINESE) == "端口 {0}{9}%s\\ 断开"


def test_an_error_on_a_terminal_is_chinese_to_its_last_line() -> None:
    lines = command_lines(PortFault("port /dev/x was lost", do="plug the board in again, in any slot"), CHINESE)
    assert (lines[0], lines[-1]) == ("E310 端口 /dev/x 断开", "  处理：重新插入板卡，任意烧录位")


def test_where_an_error_has_no_chinese_its_code_says_what_happened() -> None:
    lines = command_lines(PortFault("the fixture sang", do="hum along"), CHINESE)
    assert lines[0] == f"E310 {CHINESE.codes[Code.E310].what}"
    assert lines[-1].endswith("the fixture sang → hum along")


def test_what_it_means_for_this_board_is_said_before_what_its_code_means_for_any() -> None:
    fault = differs("values differ")
    fault.means = "nothing was written to the board"
    assert any("没有向板卡烧录任何内容" in line for line in command_lines(fault, CHINESE))


def test_where_questions_are_asked_a_cloud_s_error_says_nothing_of_boards_at_work() -> None:
    refused = CloudRefused("GET https://c: refused, HTTP 403", means="nothing was stored", do="wait a minute")
    for words in (ENGLISH, CHINESE):
        asked = "\n".join(asked_lines(refused, words))
        assert words.codes[Code.E402].means not in asked
        assert words.codes[Code.E402].do not in asked
    assert asked_lines(refused, ENGLISH)[1:] == (refused.what, "nothing was stored", "wait a minute")
    assert asked_lines(refused, CHINESE)[1] == "没有存下任何内容"
    unset = ConfigError("cloud.living.app_key is not set")
    assert asked_lines(unset, CHINESE) == whole_error(unset, CHINESE)


def test_a_reason_that_a_ledger_kept_is_said_in_chinese() -> None:
    assert reason_line(Code.E311, "port /dev/x was lost", CHINESE) == "E311 端口断开（端口 /dev/x 断开）"


def test_what_a_supervisor_wrote_is_shown_as_it_was_written() -> None:
    locked = Lock(scope="1", code=BY_HAND, what="2000: no board is plugged in", since="")
    assert lock_line(locked, CHINESE).endswith("：2000: no board is plugged in")
