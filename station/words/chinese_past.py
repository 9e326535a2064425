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
        "writing": "烧录",
        "writing again": "再次烧录",
        "in doubt": "转入待确认",
        "recovered": "启动时恢复",
        "consumed": "登记使用",
        "retired": "作废",
        "found on a board": "在板上发现，永久扣留",
        "married by a witness": "见证记录：已在此板上",
        "withheld by recovery": "恢复时扣留",
        "withheld by a witness": "见证记录：曾被扣留",
        "learned from its board": "从板卡读出后登记",
        "let back": "放回库存",
        "cameras left out": "可不带已作废的摄像头烧录",
        "set ended": "整套作废",
        "withheld": "扣留",
        "disputed": "扣留：两个来源不一致",
        "stranger": "烧录时换过板卡",
        "stranger settled": "另一块板的去向",
        "label printed": "打印标签",
        "label scanned back": "标签核对无误",
        "locked": "锁定",
        "unlocked": "解锁",
        "serial given": "登记序列号",
        "serial taken away": "取消序列号",
        "vouched": "班长确认原板",
        "the cloud: never used": "云端：从未使用",
        "the cloud: in use": "云端：已在使用",
        "the cloud does not say": "云端未说明是否在用",
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
        "without": "不带",
        "kept": "保留",
        "status": "状态",
        "serial": "序列号",
        "scope": "烧录位",
        "bench": "站",
        "copy": "以前打印次数",
        "visit": "上位编号",
    }
)

_OUTCOMES = MappingProxyType(
    {
        Outcome.PASS: "合格",
        Outcome.FAIL: "不良",
        Outcome.ALREADY_DONE: "以前已完成",
        Outcome.IN_DOUBT: "待确认",
        Outcome.STATION_FAULT: "本站故障",
        Outcome.ALARM: "警报",
        Outcome.REMOVED: "未发送即取出",
        Outcome.WRONG_LABEL: "扫了别的板的标签",
    }
)

_HOLDINGS = MappingProxyType(
    {
        Holding.BLANK: "空白",
        Holding.IDENTITY: "已有证书",
        Holding.TORN: "残缺证书",
        Holding.UNREADABLE: "无法读取",
    }
)

PAST = Past(
    events=_EVENTS,
    details=_DETAILS,
    outcomes=_OUTCOMES,
    holdings=_HOLDINGS,
    stay="{slot} 号位，{seconds} 秒",
    slot="{slot} 号位",
    board="板卡 {uid}",
    attempt="第 {n} 次",
    uid="板卡号",
    chip="芯片",
    holds="板上内容",
    room="放得下",
)
