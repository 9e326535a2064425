# SPDX-License-Identifier: GPL-3.0-or-later
"""错误、检查结果、待办事项的详情：英文原文 → 中文。`{}` 是只有说出时才知道的内容，次序不同时写 `{0}`、`{1}`；`(s)` 是英文复数。

每个房间一张表；用词见 `words/details.py`。
"""

from __future__ import annotations

KEPT = {
    "the station stopped while writing": "烧录时本站停止",
    "two sources disagree about it": "两个来源内容不同",
    "status {} in the cloud when it came, not 0 (inactive)": "到达时云端状态为 {}，不是 0（未激活）",
}
"""账本的语句自己写下的。"""

ROOMS = (
    "bench",
    "cli",
    "cli_cloud",
    "cloud",
    "config",
    "console",
    "doctor",
    "esp",
    "files",
    "guide",
    "intake",
    "ledger",
    "ledger_file",
    "ledger_stock",
    "outputs",
    "people",
    "printing",
    "profiles",
    "refusals",
    "secrets",
    "server",
    "service",
    "serving",
    "targets",
    "trying",
)
