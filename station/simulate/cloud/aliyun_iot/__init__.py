# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Cloud IoT Platform on loopback: the server-side API behind its RPC gateway. Its products and batches are the
same as Living Link's, which stands on this platform.
"""
