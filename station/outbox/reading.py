# SPDX-License-Identifier: GPL-3.0-or-later
"""[outbox.NAME] of station.toml → receivers. One key says what kind it is; whatever is not understood is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from station.cloud.post import Proving
from station.config.named_table import NamedTable, TableFault, made_of
from station.config.settings import Config
from station.outbox.command import CommandReceiver
from station.outbox.file import LARGEST_MB, FileReceiver
from station.outbox.outbox import Outbox
from station.outbox.post import PostReceiver
from station.outbox.receiver import Receiver

MOST = 8
_PROVING = {"ca_file", "cert_file", "key_file"}


def outbox_of(config: Config) -> Outbox:
    """All receivers of the configuration. ConfigError E110 with all faults."""
    receivers = made_of(
        "outbox",
        config.outbox,
        lambda name, table: _Reader("outbox", name, table, config).receiver(),
        most=MOST,
        called="receivers",
    )
    return Outbox(receivers, bench=config.text("bench.name"))


class _Reader(NamedTable):
    def receiver(self) -> Receiver:
        kinds: dict[str, tuple[Callable[[], Receiver], set[str]]] = {
            "post": (self._post, {"token_file", *_PROVING}),
            "file": (self._file, {"largest_mb"}),
            "command": (self._command, set()),
        }
        make, _ = kinds[self.kind({key: {"since", *further} for key, (_, further) in kinds.items()})]
        return make()

    def _since(self) -> float | None:
        if "since" not in self:
            return None
        value = self.keys["since"]
        if isinstance(value, datetime):
            return value.timestamp()  # without an offset it is this PC's time
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day).astimezone().timestamp()
        raise TableFault("since is a date, or a date with its time: 2026-05-31, without quotes")

    def _post(self) -> Receiver:
        parts = self.address("post")
        return PostReceiver(
            name=self.name,
            url=parts.geturl(),
            token_file=self.token(parts),
            proving=self._proving(),
            since=self._since(),
        )

    def _proving(self) -> Proving | None:
        if "key_file" in self and "cert_file" not in self:
            raise TableFault("key_file is the key of cert_file: name both")
        if not any(key in self for key in _PROVING):
            return None
        return Proving(
            ca_file=self.named_file("ca_file"),
            cert_file=self.named_file("cert_file"),
            key_file=self.named_file("key_file"),
        )

    def _file(self) -> Receiver:
        largest = self.number("largest_mb", 1, 100_000, LARGEST_MB) * 1_000_000
        return FileReceiver(name=self.name, path=self.path("file"), largest=largest, since=self._since())

    def _command(self) -> Receiver:
        return CommandReceiver(name=self.name, command=self.words("command"), since=self._since())
