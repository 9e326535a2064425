# SPDX-License-Identifier: GPL-3.0-or-later
"""错误代码说明页（中文）。"""

from __future__ import annotations

from types import MappingProxyType

from station.codes import Exit
from station.words.manual import Manual

MANUAL = Manual(
    title="帮助：代码的含义",
    topic="主题",
    page="station help 主题",
    all_codes="代码：station help E204；全部代码：station help errors；命令：station help flash",
    line="{label}：{about}",
    how="先列烧录位上现有的代码，再列全部。↑ ↓ 选择，下面是说明。",
    code="代码",
    what="发生了什么",
    means="影响",
    do="怎么办",
    who="谁来处理",
    counted="计入直通率",
    yes="是，算板卡不良",
    no="否",
    acts=MappingProxyType(
        {
            Exit.BOARD_FAILED: "烧录位旁的操作员",
            Exit.USAGE: "输入或设置的人；不行叫工程师",
            Exit.STATION_FAULT: "操作员检查线缆和治具；不行叫工程师",
            Exit.CLOUD: "班长；不行叫工程师",
            Exit.NO_CERTIFICATES: "班长：拉取或生成批次",
            Exit.PERSON_NEEDED: "操作员按提示做；要密码的由班长做",
            Exit.INTEGRITY: "班长先处理，处理前不做其他板；再叫工程师",
        }
    ),
)
