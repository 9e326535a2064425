# SPDX-License-Identifier: GPL-3.0-or-later
"""错误、检查结果、待办事项的详情：英文原文 → 中文。`{}` 是只有说出时才知道的内容，次序不同时写 `{0}`、`{1}`；`(s)` 是英文复数。

每个房间一张表；用词见 `words/details.py`。
"""

from __future__ import annotations

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
