# SPDX-License-Identifier: GPL-3.0-or-later
"""命令行的文字。"""

from __future__ import annotations

from station.words.language import CommandWords

COMMANDS = CommandWords(
    means="影响",
    do="处理",
    interrupted="已中断",
    stock_heads=("产品", "类型", "状态", "份数", "证书数"),
    received="共收到 {received} 张证书，已使用 {consumed} 张",
    put_back="请放回原板 {uid}，任意烧录位",
    find_first="先找到板卡 {uid}：station stranger list",
    audit_head="追溯记录校验值 {head}（{lines} 行）",
    nothing_in_doubt="没有待确认的板卡",
    since="{name}  自 {since}：{do}",
    why="  原因：{why}",
)
