# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated clouds as a station.toml names them, all of them without a rate limit, and the secrets that it leaves
to its env_file.
"""

from __future__ import annotations

from station.simulate.cloud import CloudSimulator
from station.simulate.cloud.settings import as_toml

_SECRET = "# "


def clouds_toml(cloud: CloudSimulator, *, iotda: str = "") -> str:
    """`iotda`: more lines for that one."""
    lines = []
    for line in as_toml(cloud).splitlines():
        if not line.startswith(_SECRET):
            lines.append(line)
        if line.startswith("[cloud."):
            lines += ["calls_per_s = 0", *([iotda] if line == "[cloud.iotda]" else [])]
    return "\n".join(["", *lines, ""])


def clouds_env(cloud: CloudSimulator) -> str:
    found = (line for line in as_toml(cloud).splitlines() if line.startswith(_SECRET))
    return "".join(f"{line.removeprefix(_SECRET)}\n" for line in found)
