# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch freeze|unfreeze|delete`: the device of a scrapped board, in the cloud. Asked twice."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from station.cli.completing import certificates
from station.cli.context import Context, cloud_option
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option, would
from station.cli.naming import one_certificate, require_named_again, require_reason
from station.cli.output import say
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options


def _command(word: str, done: str, text: str) -> click.Command:
    @click.command(word, help=text, cls=Spoken)
    @click.argument("name", shell_complete=certificates)
    @click.option("--reason", required=True, help="Why; written in the audit.")
    @click.option("--confirm", default="", metavar="NAME", help="The device's name once more, for scripts.")
    @cloud_option
    @supervisor_options
    @dry_run_option
    @click.pass_obj
    def command(
        ctx: Context, name: str, reason: str, confirm: str, cloud: str, as_supervisor: str, pin_file: Path | None
    ) -> None:
        from station.cloud.clouds import open_registration
        from station.intake.scrapping import Ending, end_device, find_retired

        said = require_reason(reason, "scrap: burnt board")
        with ctx.open_ledger() as ledger, closing(ledger.tokens.lend(open_registration(ctx.config, cloud))) as client:
            found = one_certificate(ledger, name)
            if is_dry_run():
                there = find_retired(ledger, client, found) is not None
                would(f"{word} {found} in the cloud" if there else f"nothing: the cloud has no {found} any more")
                return
            require_named_again(word, found.device_name, confirm)
            by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"{word} {found} in the cloud")
            there = end_device(ledger, client, found, Ending(word), reason=said, by=by)
        say(f"{found} is {done}" if there else f"the cloud has no {found} any more")

    return command


freeze = _command("freeze", "frozen", "Freeze the device of a RETIRED identity: whoever has its secret cannot connect.")
unfreeze = _command("unfreeze", "no longer frozen", "Let the device of a RETIRED identity connect again.")
delete = _command("delete", "deleted", "Delete the device of a RETIRED identity in the cloud, for good.")
