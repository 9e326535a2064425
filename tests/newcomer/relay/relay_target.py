# SPDX-License-Identifier: GPL-3.0-or-later
"""Target `relay`: a board that takes one JSON object a line, and keeps a certificate whole or not at all.

[relay]
answer_s = 2.0                   # how long an answer may take
"""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import astuple
from typing import Any

from station.codes import Code
from station.errors import AnotherBoard, BoardFault, ConfigError
from station.model import BoardInfo, BoardUid, Certificate, Holding, Identity, Method, Port, ReadBack, Secret, Verdict
from station.profiles.profile import Profile
from station.targets.base import Progress, Session
from station.targets.ports import Deadline, open_port


class RelayTarget:
    def check_options(self, options: Mapping[str, object]) -> None:
        if set(options) - {"answer_s"} or not isinstance(options.get("answer_s", 2.0), float):
            raise ConfigError("[relay] has one key: answer_s, in seconds", do="correct the profile", code=Code.E112)

    def open(self, port: Port, profile: Profile, *, label: str | None = None) -> Session:
        return RelaySession(port, float(str(profile.options.get("answer_s", 2.0))))


class RelaySession(Session):
    instruction = identify_instruction = ""
    names_the_board = True  # each request says which board it is for

    def __init__(self, port: Port, answer_s: float) -> None:
        self.port, self.answer_s, self.uid = port, answer_s, ""

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        with closing(open_port(self.port, baud=115200)) as line:
            line.write(json.dumps({"do": do, "uid": self.uid, **more}).encode() + b"\n")
            until, heard = Deadline(self.answer_s), b""
            while not heard.endswith(b"\n"):
                if until.expired:
                    raise BoardFault(f"no answer to {do}", do="check power and cable", code=Code.E201)
                heard += line.read(until)
        answer: dict[str, Any] = json.loads(heard)
        if self.uid and answer["uid"] != self.uid:
            raise AnotherBoard(BoardUid.parse(answer["uid"]), "another board answers", unsent=False, do="keep both")
        return answer

    def identify(self) -> BoardInfo:
        answer = self.ask("tell")
        self.uid, held = answer["uid"], found(answer)
        holding, names = (Holding.IDENTITY, (held.name,)) if held else (Holding.BLANK, ())
        digest = held.digest() if held else None
        return BoardInfo(uid=BoardUid.parse(self.uid), chip="relay", holding=holding, names=names, digest=digest)

    def require_room(self, identity: Identity) -> None:
        if identity.channels or any(len(field) > 64 for field in identity.primary.board_fields()):
            raise BoardFault("only one certificate of 64 bytes a field fits", do="use another board", code=Code.E205)

    def write(self, identity: Identity, progress: Progress) -> None:
        progress(0.0)
        self.ask("keep", held=[*astuple(identity.name), identity.primary.device_secret.reveal()])

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        held = found(self.ask("tell"))
        digest = held.digest() if held else None
        same = Verdict.EQUAL if identity and digest == identity.digest() else Verdict.DIFFERS
        return ReadBack(verdict=same if held else Verdict.BLANK, digest=digest, method=Method.READBACK)

    def restart(self) -> None:
        self.ask("restart")


def found(answer: dict[str, Any]) -> Identity | None:
    key, name, secret = answer["held"] or ("", "", "")
    one = Certificate(product_key=key, device_name=name, device_secret=Secret(secret))
    return Identity(primary=one) if answer["held"] else None
