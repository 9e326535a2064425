# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk through all states at real outputs, so that whoever mounts a tower sees each lamp once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from station.andon.andon import Andon
from station.andon.light import Light
from station.andon.line import AndonLine, of_bench, of_tile
from station.andon.output import Output
from station.codes import Code
from station.errors import ConfigError, StationError
from station.events import SlotEvent, SlotState
from station.meant import perhaps


def chosen(andon: Andon, names: Sequence[str]) -> Sequence[Output]:
    """Those of these names, all where none is named. ConfigError for one that is not there, or where there are none."""
    known = {output.name: output for output in andon.outputs}
    missing = [name for name in names if name not in known]
    if missing or not known:
        what = f"there is no [andon.{missing[0]}]{perhaps(missing[0], known)}" if missing else "no output is configured"
        how = "none; add a table [andon.NAME] to station.toml: station andon --help says what goes into it"
        raise ConfigError(what, do=f"configured: {', '.join(known) or how}")
    return [known[name] for name in names] or list(andon.outputs)


def walk(
    outputs: Sequence[Output],
    bench: str,
    failed: Callable[[Output, StationError], None],
    pause: Callable[[Light], None],
) -> None:
    """`pause` while each state is shown. OFF at the end, however it ends. An output that failed is left out from
    then on."""
    works = list(outputs)

    def tell(line: AndonLine) -> None:
        line = replace(line, content={**line.content, "try": True})
        for output in tuple(works):
            if output.on is not None and line.light not in output.on:
                continue
            try:
                output.deliver(line)
            except StationError as error:
                works.remove(output)
                failed(output, error)

    try:
        for light in Light:
            if light is not Light.OFF and works:
                tell(_shown(light, bench))
                pause(light)
    finally:
        tell(of_bench(Light.OFF, time.time(), at_bench=bench))


def _shown(light: Light, bench: str) -> AndonLine:
    alarm = light is Light.ALARM
    state = SlotState.LOCKED if alarm else SlotState(light)
    tile = SlotEvent(slot="1", at=time.time(), state=state, code=Code.E700 if alarm else None)
    return of_tile(tile, light, light, at_bench=bench, batch="")
