# SPDX-License-Identifier: GPL-3.0-or-later
"""中文：报告。"""

from __future__ import annotations

from types import MappingProxyType

from station.words.report_words import ReportWords

REPORT = ReportWords(
    titles=MappingProxyType({"batch": "批次 {name}", "shift": "本班", "day": "{name} 日报", "line": "整个账本"}),
    made="{at} 由 {bench} 生成；时间均为 {zone}",
    period="从 {since} 到 {until}",
    ever="从第一块板到 {until}",
    figures=MappingProxyType(
        {
            "passed": "合格板卡",
            "failed": "不良板卡",
            "first_pass": "直通率",
            "per_hour": "每小时产量（首块至末块）",
            "stays": "过站次数",
            "already_done": "再次放入，以前已完成",
            "received": "收到证书",
            "boards": "有证书的板卡",
            "attempts_over_one": "不止烧录一次",
            "in_doubt": "待确认",
            "withheld": "扣留",
            "missing": "云端有，未拉取",
            "conflicting": "有争议",
            "odd": "异常，单独存放",
            "ready": "剩余库存",
        }
    ),
    tables=MappingProxyType(
        {
            "figures": "数字",
            "stretches": "时间分布",
            "failures": "不良代码",
            "others": "本站故障、操作与警报",
            "slots": "烧录位对比",
            "phases": "各阶段用时",
            "stock": "证书状态",
            "open": "未完成的原因",
            "events": "锁定、警报与决定",
            "certificates": "板卡与证书",
            "proof": "证明",
        }
    ),
    columns=MappingProxyType(
        {
            "figure": "项目",
            "value": "数值",
            "begin": "开始",
            "passed": "合格",
            "failed": "不良",
            "others": "与板卡无关",
            "part_passed": "合格率",
            "code": "代码",
            "meaning": "含义",
            "boards": "板卡",
            "part": "累计占比",
            "stays": "次数",
            "bench": "烧录站",
            "slot": "烧录位",
            "median_s": "中位数（秒）",
            "ninth_s": "九成不超过（秒）",
            "phase": "阶段",
            "times": "次数",
            "state": "状态",
            "certificates": "证书",
            "why": "原因",
            "at": "时间",
            "event": "事件",
            "who": "人员",
            "detail": "详情",
            "name": "证书",
            "set": "套",
            "channel": "通道",
            "board": "板卡",
            "attempt": "次数",
        }
    ),
    stretches=MappingProxyType({"hour": "每小时产量", "day": "每日产量", "week": "每周产量"}),
    yields=MappingProxyType({"hour": "每小时合格率", "day": "每日合格率", "week": "每周合格率"}),
    nothing="无",
    rows="第 {first} 至 {last} 行，共 {of} 行",
    counted_rows="共 {of} 行，列出 {shown} 行：先列有原因的，再按到达顺序。全部：station report export。",
    more_events="只列出最新 {most} 条；全部：station audit log。",
    checked_all="已重新计算全部 {lines} 条追溯记录，并与数据核对：完整。",
    checked_newest="已重新计算最新 {lines} 条（共 {of} 条）追溯记录：完整。全部核对：station audit verify。",
    broken="已损坏：{what}",
    signature="由 {bench} 签名，公钥 {key}",
    how_to_verify="本页是否被改动：station report verify FILE",
    written="已生成 {path}",
    whole="{path} 未被改动，由 {bench} 签名，公钥 {key}",
    of_this_ledger="由本账本生成：追溯记录第 {line} 条",
    key_known="本账本认得此公钥，但没有此文件的记录",
)
