# SPDX-License-Identifier: GPL-3.0-or-later
"""Chinese as a line worker reads it: one term for one thing, on the screen, in errors, in the README and its pages."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import station
from station.codes import Code
from station.events import Phase, SlotState
from station.model import Language, State
from station.profiles.shipped import boards_of, shipped_names
from station.rules import Outcome
from station.words import chinese_profiles
from station.words.chinese_details import ROOMS
from station.words.chinese_manual import MANUAL
from station.words.chinese_report import REPORT
from station.words.details import said
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
    "the audit's chain is broken": (said("the audit chain is broken: line 7", WORDS), "追溯记录校验失败：line 7"),
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
    "a certificate that is on its board": (WORDS.ledger[State.CONSUMED], "已烧录"),
    "a certificate that is kept for a board": (WORDS.phases[Phase.RESERVE], "预留证书"),
    "the yield of a slot or an hour": (REPORT.columns["part_passed"], "合格率"),
    "first-pass yield": (REPORT.figures["first_pass"], "直通率"),
    "first-pass yield, on the screen": (BENCH.yield_, "直通率"),
    "a board's stay": (REPORT.figures["stays"], "过站次数"),
    "a bench": (REPORT.columns["bench"], "烧录站"),
    "lights and sounds": (CODES[Code.E316].what, "安灯"),
    "the secret of a device": (CODES[Code.E703].what, "设备密钥"),
    "answers that cannot be read": (CODES[Code.E208].what, "应答乱码"),
    "set aside": (CODES[Code.E218].do, "单独放"),
    "the adapter of a port": (WORDS.commands.slots.heads[3], "转接器"),
    "where a slot's cable is plugged in": (WORDS.commands.slots.heads[1], "USB 位置"),
    "what it means": (MANUAL.means, WORDS.commands.means),
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
    "上位": "过站, as an MES says; 上位机 is a host computer",
    "停留": "过站",
    "适配器": "转接器",
    "钥匙串": "密钥环",
    "摄像机": "摄像头",
    "遗失": "丢失",
    "报表": "报告",
    "良率": "合格率, or 直通率 of the first pass",
    "存疑": "待确认",
    "大屏": "看板",
    "备用机": "备机",
    "下单": "订购",
    "了结": "处理",
    "放一边": "单独放",
    "应答混乱": "应答乱码",
    "领用": "预留",
    "登记使用": "登记",
    "可疑板": "去向不明的板卡",
    "拓扑": "USB 位置",
    "说法": "内容, 答复, 记录",
    "不怪": "非板卡问题",
    "怪谁": "责任方",
    "无人知道": "已丢失",
    "读不清": "无法读取",
    "读不了": "无法读取",
    "意味着什么": "影响, 含义",
    "杀掉": "强行终止",
    "杀死": "强行终止",
    "别的站": "别的烧录站",
    "个站": "台烧录站",
    "报警": "警报, 安灯",
    "我们": "本站",
    "工站": "烧录站",
    "密封": "封存",
    "取回": "拉取",
    "碍事": "干扰程序",
    "接班人工牌": "接班人员的工牌: 人工 is manual work",
    "您": "nobody is addressed",
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


@pytest.mark.parametrize("word", ["profile", "token", "adapter", "bench", "topology"])
def test_what_has_a_chinese_name_is_not_said_in_english(word: str) -> None:
    """What is typed or written in a file is: a name of theirs is in a code span, in a link, or part of a longer one."""
    texts = [text for room in ROOMS for text in import_module(f"station.words.chinese_details.{room}").DETAILS.values()]
    texts += [line for path in sources() if path.suffix == ".md" for line in prose(path.read_text("utf-8"))]
    wrong = [text for text in texts if re.search(rf"[\u4e00-\u9fff，。：；、] ?{word}(?![\w.=-])", text)]
    assert [text for text in wrong if not re.search(rf"station [a-z ]*{word}|（{word}", text)] == []


def prose(text: str) -> list[str]:
    """Without blocks, spans and links of Markdown."""
    text = re.sub(r"^```.*?^```|<!--.*?-->", "", text, flags=re.S | re.M)
    return re.sub(r"`[^`]*`|\[[^]]*\]\([^)]*\)", "", text).splitlines()


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
