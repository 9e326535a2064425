# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei IoTDA: products and devices, signed with an access key or carried by an IAM token.

A device is registered with a secret of the caller's making, stored before the call: so a lost answer costs nothing, and
registering may be repeated. Auth failures are never repeated: five wrong signatures lock the access key.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from station.cloud.capabilities import NoSuchDevice
from station.cloud.findings import Findings
from station.cloud.http import Call, Http, HttpAnswer, encode, outcome_unknown
from station.cloud.iotda import codes, signing
from station.cloud.iotda.answers import device, marker_of, product
from station.cloud.iotda.iam import IamToken, IamUser
from station.cloud.iotda.product_spec import check_product
from station.cloud.kept_answer import kept_item
from station.cloud.limits import IOTDA_NODE_ID, LIMITS
from station.cloud.retry import Rest, Retry
from station.cloud.shared_token import TokenPlace
from station.cloud.strict_json import Object, as_list, as_object, garbled, parse_object
from station.cloud.values import CreatedProduct, Device, Product
from station.cloud.whose import called
from station.errors import CloudGarbled, UsageError
from station.model import Provider, Secret

PAGE_SIZE = 50
_LIMITS = LIMITS[Provider.IOTDA]


@dataclass(frozen=True, slots=True, kw_only=True)
class IotdaAccount:
    """`url`: application access address of the instance (console: overview, access information)."""

    url: str
    project_id: str
    auth: signing.AccessKey | IamUser
    instance_id: str = ""
    app_id: str = ""  # resource space


class Iotda:
    """One project. Safe for several threads."""

    provider = Provider.IOTDA

    def __init__(
        self,
        account: IotdaAccount,
        *,
        calls_per_s: float = 5.0,
        parallel: int = 8,
        retry: Retry | None = None,
    ) -> None:
        """`parallel`: how many calls of one work may be under way together."""
        self._account = account
        self.account = called(account.project_id, account.url, account.instance_id)
        self.parallel = parallel
        self.calls_per_s = calls_per_s
        self._http = Http(account.url, calls_per_s=calls_per_s, retry=retry)
        self._token: IamToken | None = None
        if isinstance(account.auth, IamUser):
            self._token = IamToken(account.auth, Http(account.auth.url, calls_per_s=calls_per_s, retry=retry))

    def while_throttled(self, rest: Rest) -> None:
        """From now on the cloud's flow control is waited out with `rest`."""
        self._http.rest = rest
        if self._token:
            self._token.http.rest = rest

    def share_token(self, place: TokenPlace) -> None:
        if self._token:
            self._token.share(place)

    def close(self) -> None:
        self._http.close()
        if self._token:
            self._token.close()

    def ping(self) -> None:
        """Address, keys, instance and clock are right; a list of one product costs nothing."""
        next(self.products(page_size=1), None)

    def check(self, spec: object) -> Findings:
        return check_product(spec)

    def create_product(self, spec: Mapping[str, object], *, request_id: str = "") -> CreatedProduct:
        """UsageError with all local faults, before anything is sent. NeedsPerson E604 when the answer is lost."""
        check_product(spec).raise_faults()
        call = self._call("create a product", "POST", "products", body=spec, repeatable=False, request_id=request_id)
        body = self._answered(call).body
        try:
            answer = parse_object(body, call.operation)
            made = product(answer, call.operation)
        except CloudGarbled as error:
            raise outcome_unknown(call, error.what, body) from error
        shown = {key: value for key, value in answer.items() if key != "service_capabilities"}
        return CreatedProduct(product=made, answer=kept_item(shown))

    def products(self, page_size: int = PAGE_SIZE) -> Iterator[Product]:
        for item, place in self._paged("list products", "products", page_size):
            yield product(item, place)

    def product(self, product_id: str) -> Product:
        """CloudRefused when there is none of this id."""
        call = self._call("show a product", "GET", f"products/{encode(product_id)}")
        return product(self._send(call), call.operation)

    def devices(self, *, product_id: str = "", gateway_id: str = "", page_size: int = PAGE_SIZE) -> Iterator[Device]:
        """Registered devices; the cloud's list has no secrets."""
        filters = {"product_id": product_id, "gateway_id": gateway_id}
        for item, place in self._paged("list devices", "devices", page_size, filters):
            yield device(item, place)

    def device(self, device_id: str) -> Device:
        """NoSuchDevice when nothing is registered under this id."""
        call = self._call("show a device", "GET", f"devices/{encode(device_id)}")
        return _about(device_id, device(self._send(call), call.operation), call)

    def register(
        self,
        *,
        product_id: str,
        node_id: str,
        device_id: str,
        secret: Secret,
        gateway_id: str = "",
        description: str = "",
    ) -> Device:
        """`gateway_id`: the device becomes its sub-device. DeviceExists when the id is taken, perhaps by ourselves:
        `description` is what tells, since the cloud does not show secrets. Where it shows one, the caller compares.
        """
        checks = (
            _LIMITS.product_key.fault(product_id),
            IOTDA_NODE_ID.fault(node_id),
            _LIMITS.device_name.fault(device_id),
            _LIMITS.device_secret.fault(secret.reveal()),
            _LIMITS.device_name.fault(gateway_id) if gateway_id else "",
        )
        if wrong := [fault for fault in checks if fault]:
            raise UsageError(f"device {device_id} was not sent: {'; '.join(wrong)}", do="correct the name")
        body: dict[str, object] = {
            "device_id": device_id,
            "node_id": node_id,
            "product_id": product_id,
            "auth_info": {"auth_type": "SECRET", "secret": secret.reveal(), "timeout": 0},
        }
        if gateway_id:
            body["gateway_id"] = gateway_id
        if description:
            body["description"] = description
        if self._account.app_id:
            body["app_id"] = self._account.app_id
        call = self._call("register a device", "POST", "devices", body=body, secrets=(secret,))
        return _about(device_id, device(self._send(call), call.operation), call)

    def reset_secret(self, device_id: str, secret: Secret) -> None:
        """Give a device a new secret of ours. A board that was flashed with the old one can no longer log in."""
        call = self._call(
            "reset a device's secret",
            "POST",
            f"devices/{encode(device_id)}/action",
            query=(("action_id", "resetSecret"),),
            body={"secret": secret.reveal(), "force_disconnect": False},
            secrets=(secret,),
        )
        found = _about(device_id, device(self._send(call), call.operation), call)
        if found.secret is not None and found.secret != secret:
            raise garbled(call.operation, "the cloud shows another secret than the one that was sent")

    def device_id(self, product_id: str, node_id: str) -> str:
        return f"{product_id}_{node_id}"

    def freeze(self, device_id: str) -> None:
        """It may no longer connect, until `unfreeze`. May be repeated; NoSuchDevice when there is none."""
        self._done(self._call("freeze a device", "POST", f"devices/{encode(device_id)}/freeze"))

    def unfreeze(self, device_id: str) -> None:
        self._done(self._call("unfreeze a device", "POST", f"devices/{encode(device_id)}/unfreeze"))

    def delete(self, device_id: str) -> None:
        """It is gone when this returns, also when it was gone before. CloudRefused while it has sub-devices."""
        call = self._call("delete a device", "DELETE", f"devices/{encode(device_id)}")
        with suppress(NoSuchDevice):
            self._done(call)

    def _paged(
        self, operation: str, path: str, page_size: int, filters: Mapping[str, str] | None = None
    ) -> Iterator[tuple[Object, str]]:
        """Items with their place, until a page is empty, short, or brings nothing, or a marker, but what was there
        before."""
        fixed = {**(filters or {}), "app_id": self._account.app_id, "limit": str(page_size)}
        marker = ""
        seen, told = set[str](), set[str]()
        while marker not in seen:
            seen.add(marker)
            asked = {**fixed, "marker": marker}
            call = self._call(operation, "GET", path, query=tuple((k, v) for k, v in asked.items() if v))
            answer = self._send(call)
            where = f"{operation}, page {len(seen)}"
            listed = as_list(answer.get(path) or [], where)
            before = len(told)
            for index, item in enumerate(listed, 1):
                place = f"{where}, item {index}"
                found = as_object(item, place)
                told.add(f"{found.get('product_id')} {found.get('device_id')}")
                yield found, place
            if len(listed) < page_size or len(told) == before:
                return
            marker = marker_of(answer, where)

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        body: Mapping[str, object] | None = None,
        repeatable: bool = True,
        secrets: tuple[Secret, ...] = (),
        request_id: str = "",
    ) -> Call:
        return Call(
            operation=operation,
            method=method,
            path=f"/v5/iot/{encode(self._account.project_id)}/{path}",
            query=query,
            body=b"" if body is None else json.dumps(body, ensure_ascii=False).encode(),
            request_id=request_id or uuid.uuid4().hex,
            repeatable=repeatable,
            secrets=secrets,
        )

    def _send(self, call: Call) -> Object:
        return parse_object(self._answered(call).body, call.operation)

    def _done(self, call: Call) -> None:
        """What answers nothing but that it was done: 204, or an object. A proxy's page is no such word."""
        answer = self._answered(call)
        if answer.status != 204 or answer.body:
            parse_object(answer.body, call.operation)

    def _answered(self, call: Call) -> HttpAnswer:
        """An answer that says yes; which 2xx differs between editions, and an error in its body is one all the same."""
        used = self._token.get() if self._token else None
        answer = self._http.send(call, self._sign, codes.again)
        if self._token and used and codes.refuses_token(answer):
            self._token.drop(used)
            answer = self._http.send(call, self._sign, codes.again)
        if 200 <= answer.status < 300 and not codes.tells_an_error(answer):
            return answer
        tokens = self._token.in_use if self._token else ()
        if not call.repeatable and not codes.surely_did_nothing(answer):
            raise outcome_unknown(call, f"HTTP {answer.status}", answer.without(tokens).body)
        raise codes.refused(call, answer.without(call.secrets + tokens))

    def _sign(self, call: Call) -> dict[str, str]:
        headers = {
            "host": self._http.host,
            "content-type": "application/json",
            "x-project-id": self._account.project_id,
        }
        if self._account.instance_id:
            headers["instance-id"] = self._account.instance_id
        if self._token:
            return {**headers, "x-auth-token": self._token.get().reveal()}
        auth = self._account.auth
        assert isinstance(auth, signing.AccessKey)
        derived = signing.wants_derived(self._http.hostname) if auth.derived is None else auth.derived
        return signing.headers_for(call, headers, auth, derived=derived)


def _about(device_id: str, found: Device, call: Call) -> Device:
    if found.device_id != device_id:
        raise garbled(call.operation, "the answer is about another device")
    return found
