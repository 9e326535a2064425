# SPDX-License-Identifier: GPL-3.0-or-later
"""Target `esp-nvs`: ESP boards through their loader, driven by esptool."""
