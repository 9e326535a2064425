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
        "consumed": "登记完成",
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
        "stranger settled": "另一块板的去向已说明",
        "label printed": "打印标签",
        "label owed": "待回扫标签",
        "label scanned back": "标签核对无误",
        "label waived": "班长免除回扫标签",
        "locked": "锁定",
        "unlocked": "解锁",
        "serial given": "登记序列号",
        "serial taken away": "取消序列号",
        "vouched": "班长确认原板",
        "asked the cloud": "询问云端",
        "batch ordered": "订购批次",
        "bench named": "本站命名",
        "bound to this machine": "绑定到本机",
        "cloud answer": "云端应答",
        "cloud request": "向云端请求",
        "cloud token renewed": "更新云端令牌",
        "conflict": "两个来源不一致",
        "dispute settled": "争议已处理",
        "event skipped": "跳过上报事件",
        "events tried again": "上报事件重发",
        "indexes made anew": "重建索引",
        "key exported": "导出密钥",
        "key moved": "移动密钥",
        "key passphrase changed": "更改密钥口令",
        "key rotated": "更换密钥",
        "ledger recovered": "账本恢复",
        "lost time settled": "丢失时段已处理",
        "not every witness was heard": "见证记录未读全",
        "odd item": "异常条目",
        "odd item healed": "异常条目已补齐",
        "operator": "操作员",
        "orphan removed": "删除云端遗留设备",
        "product secrets came": "补上 productSecret",
        "pull started": "开始拉取",
        "pull stopped": "停止拉取",
        "received": "入库",
        "receiver begun": "开始上报",
        "recovery over": "恢复结束",
        "registration given up": "放弃注册",
        "registration planned": "计划注册",
        "registration unsettled": "注册结果不明",
        "secret reset": "重置密钥",
        "secrets of any length believed": "接受长短不一的密钥",
        "server left": "离开服务器",
        "shift begins": "开班",
        "supervisor": "班长",
        "supervisor PIN set": "设置班长密码",
        "supervisor PIN tried": "试过班长密码",
        "supervisor removed": "撤销班长",
        "token added": "发放令牌",
        "token removed": "收回令牌",
        "visit": "过站记录",
        "what stays say": "过站记录补记",
        "witness begun": "启用见证记录",
        "wrong supervisor PIN": "班长密码错误",
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
        "slots": "烧录位",
        "bench": "烧录站",
        "copy": "以前打印次数",
        "visit": "过站编号",
        "batch": "批次",
        "client": "客户端",
        "identities": "份数",
        "item": "条目",
        "name": "名称",
        "new": "新到",
        "operation": "操作",
        "parts": "部件",
        "places": "位置",
        "product": "产品",
        "receiver": "接收方",
        "request": "请求",
        "state": "状态",
        "stays": "过站次数",
        "supervisor": "班长",
        "withheld": "扣留",
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
