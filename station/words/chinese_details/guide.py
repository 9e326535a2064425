# SPDX-License-Identifier: GPL-3.0-or-later
"""错误详情：向导与画面。"""

from __future__ import annotations

DETAILS = {
    "cannot answer at {}: {}": "无法在 {} 提供服务：{}",
    "cannot write {}: {}": "无法写 {}：{}",
    "choose another --port or --host": "换一个 --port 或 --host",
    "demo: a simulated cloud, {} slots, {} boards; the supervisor's PIN is 246810": "演示：模拟云端，{} 个烧录位，{} 块板卡；班长密码为 246810",
    "demo: {} boards opened and compared, {} mismatches": "演示：打开比对 {} 块板卡，{} 处不符",
    "edit it; `station config check` reads it back": "修改它；`station config check` 可再检查",
    "leave it so": "保持原样",
    "make its folder writable for this user and free the disk, or choose another one: station --config FILE": "让当前用户能写它的文件夹并腾出空间，或换一个：station --config FILE",
    "make its folder writable, and free the disk": "让它的文件夹可写，并腾出空间",
    "only the wall board's own page may open it": "只有看板自己的网页能打开它",
    "open it once with /?token=TOKEN": "第一次请用 /?token=令牌 打开",
    "set it to the topology that `station slots` prints for the scanner": "设为 `station slots` 显示的扫码枪 USB 位置",
    "the token in {} is shorter than {} characters": "{} 中的令牌少于 {} 个字符",
    "the wall board for browsers needs textual-serve": "浏览器看板需要 textual-serve",
    "there is no account": "没有账号",
    "there is no station.toml": "没有 station.toml",
    "this is no name of this station: station board --allow-host NAME": "这不是本站的名称：station board --allow-host 名称",
    "too many browsers watch: close one": "看板的浏览器太多：请关闭一个",
    "{} exists already": "{} 已存在",
    "{} is there already, kept as {}": "{} 已存在，保存方式为 {}",
}
