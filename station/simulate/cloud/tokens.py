# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a cloudToken: two hours; a second token kills the first; a refresh leaves the old one five minutes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from station.simulate.cloud.state import World

LIFE_S = 7200
GRACE_S = 300


def new_token(world: World) -> dict[str, Any]:
    world.cloud_tokens.clear()
    return _issue(world)


def refresh(world: World, old: str) -> dict[str, Any]:
    """`old` must be alive."""
    now = world.clock()
    world.cloud_tokens = {old: min(world.cloud_tokens[old], now + GRACE_S)}
    return _issue(world)


def is_alive(world: World, token: object) -> bool:
    return isinstance(token, str) and world.cloud_tokens.get(token, 0) > world.clock()


def _issue(world: World) -> dict[str, Any]:
    token = uuid4().hex
    world.cloud_tokens[token] = world.clock() + LIFE_S
    world.save()
    return {"cloudToken": token, "expireIn": LIFE_S * 1000}
