# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's bench, the supervisor's screens and the wall board. Nothing else imports textual."""

import os

# Textual reads both as it is imported. A key right behind a frame waits for one to two of its periods, 33 ms with its
# 60 a second; how many frames there are is limited by the feed. Nothing glides: each step would be a frame, and a key
# waits for it.
os.environ.setdefault("TEXTUAL_FPS", "1000")
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
