# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's IAM: a user's password becomes an X-Auth-Token for one project. A new one does not end the old one.

The token stays in memory, or where the benches of a line share it. It is asked for once per 19 hours (80 % of its 24
h), or once the shared one is refused, and never again after a refusal: repeated wrong passwords lock the user.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass

from station.cloud.http import Call, Http
from station.cloud.iotda.codes import again
from station.cloud.shared_token import Owner, TokenPlace
from station.cloud.strict_json import garbled
from station.errors import CloudRefused
from station.model import Secret

_RENEW_AFTER_S = 0.8 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class IamUser:
    """An IAM user (a HUAWEI ID itself gets no token). `url`: https://iam.REGION.myhuaweicloud.com"""

    url: str
    domain: str
    name: str
    password: Secret
    region: str
    project_id: str = ""  # else the token is for the region's own project


class IamToken:
    """The one token of a client."""

    def __init__(self, user: IamUser, http: Http) -> None:
        self._user = user
        self.http = http
        self._lock = threading.Lock()
        self._token: Secret | None = None
        self._asked_at = 0.0
        self._place: TokenPlace | None = None
        self._refused: Secret | None = None

    def share(self, place: TokenPlace) -> None:
        self._place = place

    def get(self) -> Secret:
        with self._lock:
            if self._place is not None:
                self._token = self._token or self._place.token(self._owner, self._ask, refused=self._refused)
                return self._token
            if self._token is None or time.monotonic() - self._asked_at > _RENEW_AFTER_S:
                self._asked_at = time.monotonic()
                self._token = self._ask()
            return self._token

    def drop(self, refused: Secret) -> None:
        """The cloud refused this one; the next `get` asks for a new one, unless another call did already."""
        with self._lock:
            self._refused = refused
            if self._token == refused:
                self._token = None

    @property
    def in_use(self) -> tuple[Secret, ...]:
        """What an answer may echo; nobody is asked for it."""
        with self._lock:
            return tuple(filter(None, (self._token, self._refused)))

    def close(self) -> None:
        self.http.close()

    @property
    def _owner(self) -> Owner:
        user = self._user
        return (user.url, user.domain, user.name, user.region, user.project_id)

    def _ask(self) -> Secret:
        user = self._user
        identity = {
            "methods": ["password"],
            "password": {
                "user": {"name": user.name, "password": user.password.reveal(), "domain": {"name": user.domain}}
            },
        }
        project = {"id": user.project_id} if user.project_id else {"name": user.region}
        body = {"auth": {"identity": identity, "scope": {"project": project}}}
        call = Call(
            operation="get an IAM token",
            method="POST",
            path="/v3/auth/tokens",
            query=(("nocatalog", "true"),),
            body=json.dumps(body).encode(),
            request_id=uuid.uuid4().hex,
            repeatable=True,
        )
        answer = self.http.send(call, lambda _call: {"content-type": "application/json"}, again)
        if answer.status != 201:
            raise CloudRefused(
                f"{call.operation}: refused with HTTP {answer.status}",
                do="check IAM user, account name (domain), password and region; a HUAWEI ID itself gets no token",
            )
        token = answer.headers.get("x-subject-token", "")
        if not token or not token.isascii() or not token.isprintable():
            raise garbled(call.operation, "“X-Subject-Token” is missing")
        return Secret(token)
