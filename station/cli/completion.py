# SPDX-License-Identifier: GPL-3.0-or-later
"""`station completion`: what makes a shell complete commands, options and this bench's names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from station.cli.output import print_lines
from station.cli.spoken import Spoken
from station.codes import Exit

_BEFORE = {"zsh": "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"}
"""In a ~/.zshrc that has not begun completing."""
_PROGRAM, _ASKED_BY = "station", "_STATION_COMPLETE"


@click.command(cls=Spoken)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print what makes SHELL complete commands, options and the names of profiles, slots, batches and certificates.

    \b
    ~/.bashrc                   eval "$(station completion bash)"
    ~/.zshrc                    eval "$(station completion zsh)"
    ~/.config/fish/config.fish  station completion fish | source
    """
    known = get_completion_class(shell)
    if known is None:
        raise AssertionError(f"click does not know {shell}")
    shown = known(ctx.find_root().command, {}, _PROGRAM, _ASKED_BY)
    print_lines(_BEFORE.get(shell, "") + (shown.source_template % shown.source_vars()).strip())
    return Exit.OK
