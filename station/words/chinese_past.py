# SPDX-License-Identifier: GPL-3.0-or-later
"""履历。"""

from __future__ import annotations

from types import MappingProxyType

from station.model import Holding
from station.rules import Outcome
from station.words.language import Past

_EVENTS = MappingProxyType(
    {
        "set opened": "拆套",
        "set completed": "已补齐摄像头",
        "reserved": "预留",
        "released": "退回",
        "writing": "写入",
        "writing again": "再次写入",
        "in doubt": "转入待查",
        "recovered": "启动时恢复",
        "consumed": "登记使用",
        "retired": "作废",
        "found on a board": "在板上发现，永久暂扣",
        "married by a witness": "见证记录：已在此板上",
        "withheld by recovery": "恢复时扣留",
        "learned from its board": "从板卡读出后登记",
        "let back": "放回库存",
        "withheld": "扣留",
        "disputed": "扣留：两个来源不一致",
        "stranger": "写入时换过板卡",
        "stranger settled": "另一块板的去向",
        "vouched": "班长确认原板",
    }
)

_DETAILS = MappingProxyType(
    {
        "why": "原因",
        "code": "代码",
        "by": "批准",
        "members": "成员数",
        "method": "比对方式",
        "after_reset": "复位后",
        "fate": "去向",
    }
)

_OUTCOMES = MappingProxyType(
    {
        Outcome.PASS: "合格",
        Outcome.FAIL: "不良",
        Outcome.ALREADY_DONE: "以前已完成",
        Outcome.IN_DOUBT: "待查",
        Outcome.STATION_FAULT: "工位故障",
        Outcome.ALARM: "警报",
        Outcome.REMOVED: "未发送即取出",
        Outcome.WRONG_LABEL: "扫了别的板的标签",
    }
)

_HOLDINGS = MappingProxyType(
    {
        Holding.BLANK: "空白",
        Holding.IDENTITY: "已有身份",
        Holding.TORN: "残缺身份",
        Holding.UNREADABLE: "无法读取",
    }
)

PAST = Past(
    events=_EVENTS,
    details=_DETAILS,
    outcomes=_OUTCOMES,
    holdings=_HOLDINGS,
    stay="工位 {slot}，{seconds} 秒",
    slot="工位 {slot}",
    board="板卡 {uid}",
    attempt="第 {n} 次",
    uid="板卡号",
    chip="芯片",
    holds="板上内容",
    room="放得下",
)
