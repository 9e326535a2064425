# SPDX-License-Identifier: GPL-3.0-or-later
"""How `init` and `run` come to the guide, on a bench that is not set up."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from station.cli.telling import language_of
from station.config.settings import default_state_dir
from station.model import Language

if TYPE_CHECKING:
    from station.cli.context import Context
    from station.guide.guide import Guide


def guide_of(ctx: Context) -> Guide | None:
    """None where the bench is set up. It is to be closed."""
    from station.guide.unfinished import is_unfinished

    if not is_unfinished(ctx.config_anew()):
        return None
    from station.guide.guide import Guide
    from station.guide.making import Begun

    begun = Begun(file=ctx.file_to_make.absolute(), state=default_state_dir().absolute())
    return Guide(begun, load=ctx.config_anew, open_ledger=ctx.open_ledger, keep_passphrase=ctx.keep_passphrase)


def spoken_in(ctx: Context, language: str | None) -> tuple[Language, bool]:
    """What the guide begins in, and whether somebody said so: with an option, or in a configuration."""
    config = ctx.config_anew()
    if language or config is None:
        return Language(language or language_of(None, os.environ)), bool(language)
    return Language(config.text("bench.language")), True
