# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba Living Link: products, and production batches of certificates."""
