# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud asked again, in English."""

from __future__ import annotations

from types import MappingProxyType

from station.words.reconcile_words import ReconcileWords

RECONCILE = ReconcileWords(
    kinds=MappingProxyType(
        {
            "leaked": "in use in the cloud, and never on a board here: find out who has it, then station retire {name}",
            "never-active": "on a board, and never in use in the cloud: look where the board is",
            "unknown": "in the cloud, and not here: station pull {batch}",
            "free": "withheld, and never used in the cloud: station release {name}",
            "gone": "here, and no longer in the cloud: look in its console, then station retire {name}",
        }
    ),
    line="{name}  {state}  {uid}  {kind}",
    same="batch {batch}: {asked} certificates asked about, no difference",
    differ="batch {batch}: {asked} certificates asked about, {number} differ",
    unsaid="batch {batch}: of {number} certificates the cloud does not say whether they are in use",
    lists_none="batch {batch}: this cloud cannot be asked what else it has",
    a_file="batch {batch} came from a file: no cloud can be asked",
    ended="batch {batch}: ended before all was asked; the same command goes on",
)
