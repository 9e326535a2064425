# SPDX-License-Identifier: GPL-3.0-or-later
"""Clouds, boards and printers that behave, and misbehave, like the real ones; shipped, so that users can try and test.

None shares code with what it is there to test.
"""
