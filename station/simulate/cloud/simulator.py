# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated clouds as one object: Living Link, IoTDA and the IoT Platform on one loopback address.

with CloudSimulator(faults="path=*/query nth=3 do=drop-after") as cloud:
    product = cloud.add_product("Fan")
    ... cloud.url, cloud.living_key, cloud.living_secret, cloud.project_id ...
    for row in cloud.batch(batch_id).rows(): ...   # what the cloud issued, secrets included
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from station.simulate.cloud import iotda, living, mishaps, quirks
from station.simulate.cloud.aksk import Guard
from station.simulate.cloud.aliyun_iot import service as aliyun_iot
from station.simulate.cloud.aliyun_iot.gateway import RpcGateway
from station.simulate.cloud.exchange import Received, Refusal, Response
from station.simulate.cloud.faults import FaultScript
from station.simulate.cloud.flow_control import FlowControl
from station.simulate.cloud.keys import Keys
from station.simulate.cloud.server import CloudServer
from station.simulate.cloud.state import Batch, Product, World
from station.simulate.cloud.xca import Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request in the log; without headers and bodies, hence without secrets. `status` 0: no answer."""

    method: str
    path: str
    page: Any
    status: int
    code: Any  # the envelope's code, IoTDA's error_code, or the IoT Platform's Code
    faults: tuple[str, ...]
    micros: int


class CloudSimulator:
    """All clouds, from `start` to `stop` or as a context manager.

    `state`: file to remember all in. `faults`: scripts, see `faults`. `ready_after_s`: how long generation lasts.
    `calls_per_s`: what IoTDA's gateway lets in, 0 = all.
    `seed` decides keys and certificates; `keys` replaces the accounts made from it; `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        state: Path | None = None,
        faults: str | Iterable[str] = (),
        ready_after_s: float = 0.0,
        *,
        calls_per_s: int = 0,
        port: int = 0,
        seed: str = "",
        keys: Keys | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        seed = seed or secrets.token_hex(8)
        self.world = World(
            seed=seed, keys=keys or Keys.from_seed(seed), clock=clock, ready_after_s=ready_after_s, path=state
        )
        self.world.load()
        self.requests: list[Seen] = []
        self._script = FaultScript(mishaps.USAGES, quirks.TABLE)
        for text in [faults] if isinstance(faults, str) else faults:
            self._script.add(text)
        self._gateway = Gateway(self.keys.living_key, self.keys.living_secret)
        self._guard = Guard()
        self._rpc_gateway = RpcGateway(self.keys.aliyun_ak, self.keys.aliyun_sk)
        self.flow_control = FlowControl(calls_per_s)
        self._port = port
        self._server: CloudServer | None = None

    def start(self) -> Self:
        """May follow a `stop`, which is how an outage looks: the address stays."""
        self._server = CloudServer(self._port, self._serve)
        self._port = self._server.server_port
        return self

    def stop(self) -> None:
        """Close the port and every connection. What was asked of the clouds can still be read."""
        if self._server:
            self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the cloud simulator is not started")
        return self._server.url

    @property
    def keys(self) -> Keys:
        return self.world.keys

    def __getattr__(self, name: str) -> str:
        """`living_key`, `living_secret`, `project_id`, `iotda_ak` …: the fields of `Keys`."""
        if name in Keys.__dataclass_fields__:
            return str(getattr(self.keys, name))
        raise AttributeError(name)

    def add_product(self, name: str, *, channels: int = 0, published: bool = True) -> Product:
        """A Living Link product; with `channels` an NVR and, beside it, the product of its cameras."""
        with self.world.lock:
            return self.world.add_product(name, channels=channels, published=published)

    def produce(self, product: Product, *, amount: int, names: list[str] | None = None) -> Batch:
        """A batch made in the cloud's console, without a request; with `names` it still waits to be generated."""
        with self.world.lock:
            return self.world.add_batch(product, amount=amount, names=names)

    def add_faults(self, text: str) -> None:
        self._script.add(text)

    def clear_faults(self) -> None:
        self._script.clear()

    def batch(self, batch_id: str) -> Batch:
        """The truth about a batch: `amount`, `rows()`; KeyError when the cloud never made it."""
        return self.world.batches[batch_id]

    def set_status(self, batch_id: str, index: int, status: int) -> None:
        """Make a device of an ordinary batch active (1), offline (3) or disabled (8)."""
        with self.world.lock:
            self.world.batches[batch_id].statuses[str(index)] = status
            self.world.save()

    def _serve(self, call: Received, micros: Callable[[], int]) -> Response:
        call.plan = self._script.plan(call.method, call.operation, call.page)
        answer: Response | None = None
        try:
            answer = self._answer(call)
        finally:
            self._note(call, answer, micros())
        return answer

    def _answer(self, call: Received) -> Response:
        """Raises Dropped."""
        delay = call.plan.argument("delay")
        if delay is not None:
            time.sleep(float(delay))
        if call.plan.has("kill-token"):
            with self.world.lock:
                self.world.cloud_tokens.clear()
                self.world.iam_tokens.clear()
        early = mishaps.instead(call, committed=False)
        if early is not None:
            return early
        try:
            answer = self._work(call)
        except Refusal as refusal:
            answer = refusal.answer
        late = mishaps.instead(call, committed=True)
        if late is not None:
            return late
        if call.plan:
            quirks.apply(answer, call)
            mishaps.change(answer, call)
        return answer

    def _work(self, call: Received) -> Response:
        """Raises Refusal."""
        if call.is_rpc:
            return aliyun_iot.serve(self.world, self._rpc_gateway, call)
        if call.is_huawei:
            if not self.flow_control.lets_in():
                return mishaps.throttled(call)
            return iotda.serve(self.world, self._guard, call)
        return living.serve(self.world, self._gateway, call)

    def _note(self, call: Received, answer: Response | None, micros: int) -> None:
        document = answer.document if answer and isinstance(answer.document, dict) else {}
        self.requests.append(
            Seen(
                method=call.method,
                path=call.operation,
                page=call.page,
                status=answer.status if answer else 0,
                code=next((document[name] for name in ("code", "error_code", "Code") if name in document), None),
                faults=tuple(call.plan.names()),
                micros=micros,
            )
        )
