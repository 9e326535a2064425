# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift hand-over as a file for people and one for programs."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

from station.tui.desk import Handover
from station.tui.language import Words
from station.tui.screens.handover import handover_text


def save_handover(folder: Path, report: Handover, to: str, words: Words) -> Path:
    """Writes `handover-TIME.txt` and `.json` in `folder`, 0600; returns the text's path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = folder / time.strftime("handover-%Y%m%d-%H%M%S.txt")
    passed_on = f"{words.office.hand_over_to}: {to}"
    _write(text, f"{handover_text(report, words)}\n{passed_on}\n")
    values = asdict(report) | {"schema": 1, "to": to, "ended": time.time()}
    _write(text.with_suffix(".json"), json.dumps(values, ensure_ascii=False, indent=1) + "\n")
    return text


def _write(path: Path, content: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
