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

SYSTEM = {
    "Address already in use": "地址已被占用",
    "Broken pipe": "管道已断开",
    "Connection refused": "连接被拒绝",
    "Connection reset by peer": "连接被对方断开",
    "Device or resource busy": "设备正忙",
    "File exists": "文件已存在",
    "File name too long": "文件名过长",
    "Input/output error": "读写出错",
    "Is a directory": "是文件夹",
    "Network is unreachable": "网络不通",
    "No route to host": "找不到去主机的路由",
    "No space left on device": "磁盘已满",
    "No such device": "没有这个设备",
    "No such file or directory": "没有这个文件或文件夹",
    "Not a directory": "不是文件夹",
    "Operation not permitted": "不允许这样做",
    "Permission denied": "没有权限",
    "Read-only file system": "文件系统只读",
    "Too many open files": "打开的文件过多",
}
"""操作系统说的原因。"""

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
