# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a bench has still to be set up: asked at each start, and one that is ready loads no guide for it."""

from __future__ import annotations

from typing import Final

from station.config.settings import Config

MARK: Final = "guide.unfinished"
"""In the state folder, as long as the guide is not at its end."""


def is_unfinished(config: Config | None) -> bool:
    """Whether a bench has still to be set up: nothing was, the guide was left, or no board could be flashed."""
    if config is None or (config.state_dir / MARK).exists():
        return True
    return not config.text("bench.profile") or not config.slots
