# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulated clouds remember: products, batches, tokens, devices. On request in one JSON file.

The file is replaced atomically after every change and holds the keys too, hence mode 0600. It grows with batches and
registered devices, never with issued certificates: those come out of the seed.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from station.simulate.cloud.issue import Issued, issue, product_key_from, text_from
from station.simulate.cloud.keys import Keys


@dataclass(kw_only=True)
class Product:
    """A Living Link product; `channels` > 0 makes it an NVR whose cameras are of `ipc_product_key`."""

    product_key: str
    name: str
    product_secret: str
    product_id: int
    created_ms: int
    channels: int = 0
    ipc_product_key: str = ""
    published: bool = True


@dataclass(kw_only=True)
class Batch:
    """A production batch. `generated_at` is None while names are only uploaded."""

    batch_id: str
    seed: str
    product_key: str
    amount: int
    channels: int = 0
    ipc_product_key: str = ""
    names: list[str] = field(default_factory=list)
    generated_at: float | None = None
    statuses: dict[str, int] = field(default_factory=dict)  # row index -> device status other than 0

    @property
    def is_nvr(self) -> bool:
        return self.channels > 0

    def row(self, index: int) -> Issued:
        return issue(
            self.seed,
            self.batch_id,
            index,
            self.product_key,
            name=self.names[index] if self.names else "",
            channels=self.channels,
            ipc_key=self.ipc_product_key,
        )

    def rows(self) -> Iterator[Issued]:
        """The truth about every row, in the cloud's order."""
        return map(self.row, range(self.amount))


@dataclass(kw_only=True)
class Device:
    """A device registered with IoTDA."""

    record_id: str
    device_id: str
    node_id: str
    product_id: str
    secret: str
    gateway_id: str
    app_id: str
    create_time: str
    device_name: str = ""
    description: str = ""
    status: str = "INACTIVE"
    was_online: bool = False


@dataclass(kw_only=True)
class World:
    """All that lasts. Whoever changes it holds `lock` and calls `save`."""

    seed: str
    keys: Keys
    products: dict[str, Product] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    cloud_tokens: dict[str, float] = field(default_factory=dict)  # token -> when it ends, seconds since 1970
    iam_tokens: dict[str, float] = field(default_factory=dict)
    iotda_products: dict[str, dict[str, Any]] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    records: int = 0  # numbers everything that is made
    nodes: dict[tuple[str, str], str] = field(default_factory=dict)  # (product_id, node_id) -> device_id

    clock: Callable[[], float]
    ready_after_s: float = 0.0
    path: Path | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    _indexes: dict[str, dict[str, int]] = field(default_factory=dict)  # batch id → deviceName → row; not kept

    def number(self) -> int:
        self.records += 1
        return self.records

    def add_product(self, name: str, *, channels: int = 0, published: bool = True) -> Product:
        product = self._new_product(name, channels=channels, published=published)
        if channels:
            product.ipc_product_key = self._new_product(f"{name} camera", channels=0, published=published).product_key
        self.save()
        return product

    def _new_product(self, name: str, *, channels: int, published: bool) -> Product:
        number = self.number()
        product = Product(
            product_key=product_key_from(f"{self.seed}/product/{number}"),
            name=name,
            product_secret=text_from(f"{self.seed}/product/{number}/secret", 16),
            product_id=95_000 + number,
            created_ms=int(self.clock() * 1000),
            channels=channels,
            published=published,
        )
        self.products[product.product_key] = product
        return product

    def add_batch(self, product: Product, *, amount: int, names: list[str] | None = None, prefix: str = "") -> Batch:
        """A batch is generated at once, one of uploaded names when that is asked for."""
        batch = Batch(
            batch_id=f"{prefix}{124_600 + self.number()}",
            seed=self.seed,
            product_key=product.product_key,
            amount=amount,
            channels=product.channels,
            ipc_product_key=product.ipc_product_key,
            names=names or [],
            generated_at=None if names else self.clock(),
        )
        self.batches[batch.batch_id] = batch
        self.save()
        return batch

    def rows_named(self, product_key: str, names: Iterable[str]) -> dict[str, tuple[Batch, int]]:
        """Those that are devices of this product, with batch and row."""
        wanted, found = set(names), dict[str, tuple[Batch, int]]()
        for batch in self.batches.values():
            if batch.product_key != product_key or batch.generated_at is None or batch.is_nvr:
                continue
            rows = self._indexes.get(batch.batch_id)
            if rows is None:
                rows = {row.primary.device_name: index for index, row in enumerate(batch.rows())}
                self._indexes[batch.batch_id] = rows
            found |= {name: (batch, rows[name]) for name in wanted & rows.keys()}
        return found

    def save(self) -> None:
        if self.path is None:
            return
        saved = {name: getattr(self, name) for name in ("seed", "records", *_MAPS)}
        saved["keys"] = asdict(self.keys)
        for name in _TYPES:
            saved[name] = {key: asdict(value) for key, value in saved[name].items()}
        beside = self.path.with_name(self.path.name + ".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(saved, file)
        beside.replace(self.path)

    def load(self) -> None:
        """Take over what the file holds, if there is one."""
        if self.path is None or not self.path.exists():
            return
        saved = json.loads(self.path.read_text(encoding="utf-8"))
        self.seed, self.records = saved["seed"], saved["records"]
        self.keys = replace(Keys.from_seed(self.seed), **saved["keys"])  # an older file has fewer
        for name in _MAPS:
            kind = _TYPES.get(name)
            setattr(self, name, {key: kind(**value) if kind else value for key, value in saved[name].items()})
        self.nodes = {(device.product_id, device.node_id): key for key, device in self.devices.items()}


_TYPES: dict[str, type[Any]] = {"products": Product, "batches": Batch, "devices": Device}
_MAPS = (*_TYPES, "cloud_tokens", "iam_tokens", "iotda_products")
