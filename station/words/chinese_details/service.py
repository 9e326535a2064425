# SPDX-License-Identifier: GPL-3.0-or-later
"""错误详情：系统服务。"""

from __future__ import annotations

DETAILS = {
    "--screen is no console of a PC": "--screen 不是电脑的控制台",
    "as root: sudo env STATION_CONFIG=$STATION_CONFIG $(command -v station) service install": "用 root 运行：sudo env STATION_CONFIG=$STATION_CONFIG $(command -v station) service install",
    "e.g. --screen tty1": "例如 --screen tty1",
    "see where this system keeps its logs": "看本系统的日志存在哪里",
    "start `station flash --watch` by what this system has": "用本系统的方式启动 `station flash --watch`",
    "station service status; systemctl status station": "station service status；systemctl status station",
    "systemctl {}: {}": "systemctl {}：{}",
    "systemd does not answer: {}": "systemd 没有应答：{}",
    "systemd is not here": "这里没有 systemd",
    "there is no journal here": "这里没有系统日志（journal）",
}
