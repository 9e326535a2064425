# SPDX-License-Identifier: GPL-3.0-or-later
"""中文：随附的产品配置各适用于哪种板卡。"""

from __future__ import annotations

BOARDS = {
    "agent": "运行本站代理程序的板卡（firmware_templates/）",
    "alios-linkkey-a": "AliOS Things／飞燕 SDK 命令行，A 代",
    "alios-linkkey-b": "AliOS Things／living_platform 命令行，B 代",
    "at-idmau": "阿里“直连”Wi-Fi AT 固件（AliOS、YoC、BL60x、HaaS）",
    "at-idmau-w800": "W800 Wi-Fi／蓝牙二合一固件",
    "esp-at-sysmfg": "ESP-AT 固件，存入制造分区",
    "esp-nvs": "ESP32 系列",
    "esp-nvs-aliyun": "ESP32 系列，阿里云证书",
    "esp-nvs-iotda": "ESP32 系列，华为云 IoTDA 证书",
    "esp-nvs-nvr": "ESP32-S3 上的 NVR，代其摄像头联网",
    "hiflying-prodevice": "汉枫（Hi-Flying）模组，ILOP 固件",
    "mxchip-ilopset": "庆科（MXCHIP）EMW 模组，ILOP 固件",
    "nordic-cmng": "Nordic nRF91 调制解调器，AT%CMNG",
    "zephyr-settings": "Zephyr shell，需 CONFIG_SETTINGS_SHELL、CONFIG_HWINFO_SHELL 和 CONFIG_REBOOT",
}
