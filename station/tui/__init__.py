# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's bench, the supervisor's screens and the wall board. Nothing else imports textual."""

import os

# Textual reads both as it is imported. With its 60 frames a second a key right behind a frame waits 17 ms and more; how
# many there are is limited by the feed. Nothing glides: each step would be a frame, and a key waits for it.
os.environ.setdefault("TEXTUAL_FPS", "200")
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
