# SPDX-License-Identifier: GPL-3.0-or-later
"""中文：与云端核对。"""

from __future__ import annotations

from types import MappingProxyType

from station.words.reconcile_words import ReconcileWords

RECONCILE = ReconcileWords(
    kinds=MappingProxyType(
        {
            "leaked": "云端已启用，从未上过本厂板卡：查明谁有这张证书，然后 station retire {name}",
            "never-active": "已上板卡，云端从未启用：查明板卡在哪里",
            "unknown": "云端有，账本没有：station pull {batch}",
            "free": "已扣留，云端从未使用：station release {name}",
            "gone": "账本有，云端已没有：查看云端控制台，然后 station retire {name}",
        }
    ),
    line="{name}  {state}  {uid}  {kind}",
    same="批次 {batch}：询问了 {asked} 张证书，没有不同",
    differ="批次 {batch}：询问了 {asked} 张证书，{number} 处不同",
    unsaid="批次 {batch}：{number} 张证书，云端未说明是否在用",
    lists_none="批次 {batch}：无法询问此云端还有哪些别的设备",
    a_file="批次 {batch} 来自文件：没有云端可问",
    ended="批次 {batch}：尚未问完；再运行同一命令即继续",
)
