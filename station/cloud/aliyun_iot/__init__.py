# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Cloud IoT Platform (阿里云物联网平台), the server-side API of version 2018-01-20."""
