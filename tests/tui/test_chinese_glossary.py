# SPDX-License-Identifier: GPL-3.0-or-later
"""Chinese as a line worker reads it: one term for one thing, on the screen, in errors, in the README and its pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import station
from station.codes import Code
from station.events import Phase, SlotState
from station.model import Language, State
from station.profiles.shipped import boards_of, shipped_names
from station.rules import Outcome
from station.words import chinese_profiles
from station.words.profile_words import boards_for
from station.words.tongues import TONGUES

ROOT = Path(station.__file__).parents[1]
WORDS = TONGUES[Language.CHINESE]
BENCH, OFFICE, PAST, CODES = WORDS.bench, WORDS.office, WORDS.past, WORDS.codes

GLOSSARY = {
    "stock lasts": (BENCH.runs_out, "预计够用"),
    "a certificate that is ready": (WORDS.ledger[State.READY], "待烧录"),
    "boards of this shift an hour": (BENCH.shift, "本班时产"),
    "busy": (WORDS.states[SlotState.BUSY][0], "烧录中"),
    "write": (WORDS.phases[Phase.WRITE], "烧录"),
    "no certificates": (CODES[Code.E500].what, "证书（三元组）已用完"),
    "waits for certificates": (CODES[Code.E500].do, "等待证书"),
    "too long for the board": (CODES[Code.E205].what, "证书过长，板卡存不下"),
    "ready": (WORDS.states[SlotState.READY][0], "就绪"),
    "in doubt, on a tile": (WORDS.states[SlotState.IN_DOUBT][0], "待确认"),
    "in doubt, in the ledger": (WORDS.ledger[State.IN_DOUBT], "待确认"),
    "in doubt, of a visit": (PAST.outcomes[Outcome.IN_DOUBT], "待确认"),
    "put it back": (CODES[Code.E601].do, "请放回原板"),
    "red bin": (BENCH.red_bin, "放入不良品箱（红）"),
    "red bin, by its code": (CODES[Code.E200].do, "放入不良品箱（红）"),
    "learn a port": (OFFICE.learn, "绑定端口"),
    "dry check": (OFFICE.dry_check, "只读检查"),
    "good": (OFFICE.good, "通过"),
    "not good": (OFFICE.bad, "未通过"),
    "clone": (CODES[Code.E701].what, "重号：两块板证书相同"),
    "clone: what to do": (CODES[Code.E701].do, "两块都隔离"),
    "evidence does not hold": (CODES[Code.E325].what, "校验结果不成立"),
    "unlock": (OFFICE.unlock_reason.format(slot=PAST.slot.format(slot="1")), "解锁 1 号位，请填处理措施"),
    "hand over": (OFFICE.hand_over_sure.format(to="2000", of="1042"), "2000 接替 1042，确认交班？"),
    "since": (BENCH.since, "开班"),
    "boards an hour": (OFFICE.per_hour, "每小时产量"),
    "how often": (OFFICE.attempt, "次数"),
    "an unknown scan": (BENCH.scan_unknown, "无法识别的条码，未处理"),
    "take one out": (CODES[Code.E210].do, "取出本位的板"),
    "the station's fault": (CODES[Code.E300].what, "本站故障"),
    "the station stopped": (CODES[Code.E301].what, "本站已停"),
    "end the station": (BENCH.leave, "结束本站？"),
    "slot": (OFFICE.slot, "烧录位"),
}
FORBIDDEN = {
    "工位": "烧录位 is the slot, 本站 the station",
    "身份": "证书（三元组）",
    "待查": "待确认",
    "在位": "就绪",
    "进行中": "烧录中",
    "红箱": "不良品箱（红）",
    "克隆：": "重号",
    "留住": "隔离",
    "学习": "绑定端口",
    "试检": "只读检查",
    "审计": "追溯记录",
    "证据不成立": "校验结果不成立",
    "未知条码": "无法识别的条码",
    "每小时板数": "每小时产量",
    "做了什么处理": "请填处理措施",
    "暂扣": "扣留",
    "板子": "板卡",
    "班组长": "班长",
    "写入": "烧录; 写入 is what a disk does",
}
OF_A_DISK = ("磁盘写入", "见证记录无法写入")


def sources() -> list[Path]:
    """Every file with Chinese for people; headings and status words of others' files are theirs."""
    found = [ROOT / "README.zh-CN.md", *sorted((ROOT / "station/docs").glob("*.zh.md"))]
    found += sorted((ROOT / "station/words").rglob("*.py"))
    return found + sorted((ROOT / "firmware_templates").rglob("*.md"))


@pytest.mark.parametrize("thing", GLOSSARY)
def test_each_thing_is_called_by_its_one_name(thing: str) -> None:
    said, wanted = GLOSSARY[thing]
    assert wanted in said


@pytest.mark.parametrize("word", FORBIDDEN)
def test_what_nobody_says_in_a_factory_is_said_nowhere(word: str) -> None:
    for path in sources():
        text = path.read_text("utf-8")
        for allowed in OF_A_DISK:
            text = text.replace(allowed, "")
        assert word not in text, f"{path.name}: “{word}”: {FORBIDDEN[word]}"


def test_a_text_for_people_ends_no_chinese_sentence_with_a_western_mark() -> None:
    texts = [text for part in (BENCH, OFFICE, PAST) for text in part]
    texts += [text for code in CODES.values() for text in (code.what, code.do, code.means)]
    wrong = [text for text in texts if isinstance(text, str) and re.search(r"[\u4e00-\u9fff][,;!?]", text)]
    assert wrong == []


def test_each_shipped_profile_says_in_chinese_which_boards_it_is_for() -> None:
    assert set(chinese_profiles.BOARDS) == set(shipped_names())
    assert all(re.search(r"[\u4e00-\u9fff]", boards_for(name, WORDS)) for name in shipped_names())
    assert boards_for("agent", TONGUES[Language.ENGLISH]) == boards_of("agent")
