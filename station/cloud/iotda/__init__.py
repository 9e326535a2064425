# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei IoTDA: products, and devices registered one by one."""
