# SPDX-License-Identifier: GPL-3.0-or-later
"""错误详情：演示与模拟。"""

from __future__ import annotations

DETAILS = {
    "MISMATCH {}": "不符 {}",
    "PostgreSQL's initdb failed": "PostgreSQL 的 initdb 失败",
    "QEMU is not installed": "没有安装 QEMU",
    "a console holds one certificate, not an NVR's set": "控制台只存一张证书，存不下 NVR 套",
    "choose one of {}": "请选 {} 之一",
    "correct the source": "改正源代码",
    "demo: a simulated cloud, {} slots, {} {} {} boards": "演示：模拟云端，{} 个烧录位，{} {} {} 块板卡",
    "demo: batch {} is in the ledger after {} s": "演示：批次 {} 在 {} 秒后入账本",
    "demo: the server is back": "演示：服务器已恢复",
    "demo: the server is killed": "演示：强行终止服务器",
    "demo: {} benches with {} slots each on one PostgreSQL ledger; {} boards": "演示：{} 台烧录站，各 {} 个烧录位，共用一个 PostgreSQL 账本；{} 块板卡",
    "demo: {} boards passed ({}), {} opened and compared, {} mismatches; {} of {} certificates accounted for; every bench's audit chain is intact": "演示：{} 块合格（{}），打开比对 {} 块，{} 处不符；证书 {}/{} 已查明；每台烧录站的追溯记录都完整",
    "demo: {} boards passed, {} opened and compared, {} mismatches; {} of {} certificates accounted for; audit chain intact ({} lines)": "演示：{} 块合格，打开比对 {} 块，{} 处不符；证书 {}/{} 已查明；追溯记录完整（{} 行）",
    "firmware boards need the extra “firmware”": "固件板卡需要附加组件“firmware”",
    "no console “{}”": "没有控制台“{}”",
    "no port “{}”": "没有移植“{}”",
    "see .ci/system-packages for its package": "软件包见 .ci/system-packages",
    "sudo apt install postgresql (or your system's package), then again; the demo of one bench needs none": "sudo apt install postgresql（或本系统的软件包），再来一次；单站演示不需要",
    "the compiler for board firmware is not installed": "没有安装板卡固件的编译器",
    "the compiler {} is not installed": "没有安装编译器 {}",
    "the demo goes on after {}": "演示在 {} 之后继续",
    "the demo of a line needs PostgreSQL’s programs (13 or later), and they are not here": "产线演示需要 PostgreSQL 程序（13 或更新），这里没有",
    "the firmware does not compile:\n{}": "固件编译失败：\n{}",
    "the test's": "测试用",
    "there are no {} demo boards for target {}": "没有用于目标 {1} 的 {0} 演示板卡",
    "these boards want to be scanned, and the demo of a line has no scanner": "这些板卡要扫码，产线演示没有扫码枪",
    "use --target agent": "用 --target agent",
    "use --target agent or esp-nvs": "用 --target agent 或 esp-nvs",
    "{} is CONSUMED, but board {} does not hold it": "{} 为已烧录（CONSUMED），但板卡 {} 上没有",
}
