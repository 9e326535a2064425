# SPDX-License-Identifier: GPL-3.0-or-later
"""A station.toml for a set-up demo."""

from __future__ import annotations

from pathlib import Path

from station.demo.setting import Demo


def config_for(demo: Demo) -> Path:
    """With a slot for each fixture and the demo's profile."""
    slots = "".join(f'[[slot]]\nname = "{name}"\npath = "{link}"\n' for name, link in demo.fixtures.items())
    bench = f'[bench]\nname = "soak"\nstate_dir = "{demo.folder}/state"\nprofile = "{demo.folder}/demo.toml"\n'
    witness = f'[ledger]\nwitnesses = ["{demo.folder}/witness"]\n'
    path = demo.folder / "station.toml"
    path.write_text(bench + witness + slots, "utf-8")
    return path
