# SPDX-License-Identifier: GPL-3.0-or-later
"""Where certificates come from: a folder each cloud, and files. What they share: HTTP, retries, strict parsing."""
