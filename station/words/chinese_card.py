# SPDX-License-Identifier: GPL-3.0-or-later
"""操作卡（中文）。"""

from __future__ import annotations

from types import MappingProxyType

from station.events import SlotState
from station.words.card_words import CardWords, TileWords

CARD = CardWords(
    title="烧录站操作卡",
    subtitle="插上板卡，等大字，按提示做。",
    tiles=MappingProxyType(
        {
            SlotState.EMPTY: TileWords("没有插板卡", "放入板卡"),
            SlotState.READY: TileWords("即将开始，或要求扫标签、序列号", "稍候，或按提示扫描"),
            SlotState.BUSY: TileWords("正在烧录和回读", "请勿触碰；提示断电再上电时才照做"),
            SlotState.PASS: TileWords("已烧录、重启、回读一致", "取出：良品"),
            SlotState.ALREADY_DONE: TileWords("以前已有证书，这次没有烧录", "取出：良品"),
            SlotState.FAIL: TileWords("板卡不良", "照提示做；有提示才放入不良品箱（红）"),
            SlotState.IN_DOUBT: TileWords("烧录途中被拔出或断电", "把这块原板放回任意烧录位"),
            SlotState.WAITING: TileWords("在等其他条件，非板卡问题", "按提示做；板卡会自动继续"),
            SlotState.NO_STOCK: TileWords("没有证书可给这块板卡", "板卡留在原位，告诉班长"),
            SlotState.LOCKED: TileWords("连续不良太多，或有警报", "叫班长"),
        }
    ),
    named="{tile}：{means}",
    heads=("烧录位", "意思", "怎么办"),
    alarm="整个屏幕显示警报：停止一切工作，不要碰任何板卡，叫班长。",
    rules=(
        "烧录中的板卡绝不拔出。",
        "待确认的板卡绝不混入良品：烧录位上有板卡号，把那一块放回去。",
        "F1：代码的含义 · F2：中文 / English · 上岗先扫工牌",
    ),
    written="{path} 已写好：用浏览器打开，打印成一张 A4",
)
