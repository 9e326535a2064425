# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes without boards: what costs money, fetches, reads or retires certificates. Each case has its own station."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from station.secrets.keys import create_key
from station.simulate.cloud import CloudSimulator
from tests.intake.clouds_toml import clouds_env, clouds_toml
from tests.soak.fatal import End, station
from tests.soak.kills import Stage

AMOUNT = 30
PIN = "246810"
_KILLED = -9
_WAITS_FOR_A_PERSON = 6


class PaperScene:
    """A cloud, and a new station for each case. What a kind of scene does is in `prepare`, `go_on` and `wrong`."""

    def __init__(self, cloud: CloudSimulator, folder: Path) -> None:
        self.cloud, self._all, self._case = cloud, folder, 0

    def fresh(self) -> list[object]:
        self._case += 1
        self.folder = self.under = self._all / str(self._case)
        self.state = self.folder / "state"
        self.state.mkdir(parents=True, mode=0o700)
        create_key(self.state / "station.key")
        secrets = self._private("secrets.env", clouds_env(self.cloud))
        self._private("pin", PIN)
        here = f'[bench]\nstate_dir = "{self.state}"\n[cloud]\nenv_file = "{secrets}"\n'
        (self.folder / "station.toml").write_text(here + clouds_toml(self.cloud), "utf-8")
        self.unharmed("status")  # makes the ledger
        self.command = self.prepare()
        return self._with_config(self.command)

    def settle(self, end: End) -> list[str]:
        if end.code not in (0, _KILLED):
            return [f"{self.command[0]} ended with {end.code}: {end.err[-400:]}"]
        wrong = self.go_on(killed=end.killed)
        wrong += self.wrong()
        proved = self.unharmed("audit", "verify")
        return wrong + ([] if proved.code == 0 else [f"audit verify ends with {proved.code}: {proved.err[-300:]}"])

    def look(self) -> list[str]:
        return []

    def prepare(self) -> list[object]:
        raise NotImplementedError

    def go_on(self, *, killed: bool) -> list[str]:
        """The same command again, as it was meant."""
        again = self.unharmed(*self.command)
        return [] if again.code == 0 else [f"run again it ends with {again.code}: {again.err[-400:]}"]

    def wrong(self) -> list[str]:
        raise NotImplementedError

    def unharmed(self, *arguments: object) -> End:
        return station(self._with_config(arguments), under=self.under)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.state / "ledger.db")) as raw:
            return raw.execute(sql).fetchall()

    def states(self) -> dict[str, int]:
        counted = self.rows("SELECT state, count(*) FROM identities GROUP BY 1")
        return {str(state): int(str(count)) for state, count in counted}

    def _with_config(self, arguments: object) -> list[object]:
        return ["--config", self.folder / "station.toml", *arguments]  # type: ignore[misc]

    def _private(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.touch(0o600)
        path.write_text(text, "utf-8")
        return path

    def csv(self) -> Path:
        lines = [f"a1Key,fan-{n:04},{n:032x}" for n in range(1, AMOUNT + 1)]
        return self._private("devices.csv", "\n".join(["ProductKey,DeviceName,DeviceSecret", *lines, ""]))


def _is_all_ready(scene: PaperScene) -> list[str]:
    states = scene.states()
    return [] if states == {"READY": AMOUNT} else [f"the ledger holds {states}, not {AMOUNT} READY"]


class Import(PaperScene):
    """A file comes in whole or not at all, and once."""

    def prepare(self) -> list[object]:
        return ["import", self.csv()]

    def wrong(self) -> list[str]:
        return _is_all_ready(self)


class Pull(PaperScene):
    """A batch that was made elsewhere."""

    def prepare(self) -> list[object]:
        product = self.cloud.add_product("Fan")
        batch = self.cloud.produce(product, amount=AMOUNT)
        return ["pull", batch.batch_id, "--product", product.product_key, "--page-size", 10, "--wait", 0]

    def wrong(self) -> list[str]:
        issued = {row.primary.device_name for row in self.cloud.batch(str(self.command[1])).rows()}
        held = {str(name) for (name,) in self.rows("SELECT device_name FROM certificates")}
        return _is_all_ready(self) + ([] if held == issued else ["the ledger holds other names than the cloud"])


class Paid(PaperScene):
    """A call that costs money is made once at most, whatever happens: the second is refused or was the first."""

    product: str

    def go_on(self, *, killed: bool) -> list[str]:
        if self.rows("SELECT 1 FROM cloud_requests WHERE state = 'ANSWERED'"):
            return []  # it was done and is known to be; once more would be another
        again = self.unharmed(*self.command)
        return [] if again.code in (0, 6) else [f"run again it ends with {again.code}: {again.err[-400:]}"]

    def made(self) -> int:
        return sum(batch.product_key == self.product for batch in self.cloud.world.batches.values())


class Generate(Paid):
    def prepare(self) -> list[object]:
        self.product = self.cloud.add_product("Fan").product_key
        return ["batch", "generate", "--yes", "--product", self.product, "--amount", AMOUNT]

    def wrong(self) -> list[str]:
        asked = len(self.rows("SELECT 1 FROM cloud_requests"))
        if self.made() > 1:
            return [f"{self.made()} batches were made and are to be paid"]
        return [] if asked >= self.made() else ["a batch was made that the journal does not know"]


class Upload(Paid):
    def prepare(self) -> list[object]:
        self.product = self.cloud.add_product("Fan").product_key
        names = self._private("names.txt", "".join(f"fan-{n:04}\n" for n in range(AMOUNT)))
        return ["batch", "upload-names", names, "--product", self.product]

    def wrong(self) -> list[str]:
        return [f"{self.made()} lists were uploaded"] if self.made() > 1 else []


class Register(PaperScene):
    """IoTDA: devices get secrets of our own making, which are in the ledger before the cloud hears of them."""

    def prepare(self) -> list[object]:
        names = self._private("names.txt", "".join(f"c{self._case}-{n:02}\n" for n in range(6)))
        self.unharmed("product", "list", "--cloud", "iotda")
        return ["batch", "register", "--yes", "--product", "camera", "--names", names]

    def go_on(self, *, killed: bool) -> list[str]:
        left = self.rows("SELECT DISTINCT batch_id FROM registrations WHERE state = 'PLANNED'")
        if not killed and not left:
            return []
        command = ["batch", "register", "--cloud", "iotda", "--resume", left[0][0]] if left else self.command
        if not left and self.states():
            return []
        again = self.unharmed(*command)
        return [] if again.code == 0 else [f"{command} ends with {again.code}: {again.err[-400:]}"]

    def wrong(self) -> list[str]:
        mine = {d.node_id for d in self.cloud.world.devices.values() if d.node_id.startswith(f"c{self._case}-")}
        held = {str(node) for (node,) in self.rows("SELECT node_id FROM certificates")}
        return [] if mine == held and len(held) == 6 else [f"the cloud has {sorted(mine)}, the ledger {sorted(held)}"]


class Retire(PaperScene):
    """Out of use for good, with its secret gone, and nothing else touched."""

    def prepare(self) -> list[object]:
        self.unharmed("import", self.csv())
        self.unharmed("supervisor", "set-pin", "--new-pin-file", self.folder / "pin")
        return ["retire", "a1Key/fan-0007", "--reason", "scrap it", "--yes", "--pin-file", self.folder / "pin"]

    def go_on(self, *, killed: bool) -> list[str]:
        again = self.unharmed(*self.command)  # refused where it was retired already
        return [] if again.code in (0, 2) else [f"run again it ends with {again.code}: {again.err[-400:]}"]

    def wrong(self) -> list[str]:
        states = self.states()
        wrong = [] if states == {"READY": AMOUNT - 1, "RETIRED": 1} else [f"the ledger holds {states}"]
        gone = self.rows("SELECT device_name FROM certificates WHERE secret IS NULL")
        return wrong + ([] if gone == [("fan-0007",)] else [f"secrets are gone of {gone}"])


class Backup(PaperScene):
    """The ledger is as it was, and a backup is made at the next try."""

    def prepare(self) -> list[object]:
        self.unharmed("import", self.csv())
        return ["backup", self.folder / "bench.backup"]

    def go_on(self, *, killed: bool) -> list[str]:
        (self.folder / "bench.backup").unlink(missing_ok=True)
        return super().go_on(killed=killed)

    def wrong(self) -> list[str]:
        return _is_all_ready(self)


class Restore(Backup):
    """A ledger that came back gives nothing out before it is recovered, and everything in it is withheld then."""

    def prepare(self) -> list[object]:
        made = super().prepare()
        self.unharmed("supervisor", "set-pin", "--new-pin-file", self.folder / "pin")
        self.unharmed(*made)
        return ["restore", made[1], "--yes"]

    def settle(self, end: End) -> list[str]:
        return super().settle(
            End(code=0 if end.code == _WAITS_FOR_A_PERSON else end.code, calls=None, out=end.out, err=end.err)
        )

    def go_on(self, *, killed: bool) -> list[str]:
        wrong = []
        if killed:
            again = self.unharmed(*self.command)
            wrong += (
                []
                if again.code in (0, _WAITS_FOR_A_PERSON)
                else [f"restored again it ends with {again.code}: {again.err[-400:]}"]
            )
        over = self.unharmed(*self.recovery())
        return wrong + (
            [] if over.code in (0, _WAITS_FOR_A_PERSON) else [f"the recovery ends with {over.code}: {over.err[-400:]}"]
        )

    def recovery(self) -> list[object]:
        return ["recover", "--reason", "it was restored", "--pin-file", self.folder / "pin", "--yes"]

    def wrong(self) -> list[str]:
        states, locked = self.states(), self.rows("SELECT code FROM locks")
        wrong = [] if states == {"WITHHELD": AMOUNT} else [f"the ledger holds {states}, not {AMOUNT} WITHHELD"]
        return wrong + [f"locked by {code} after the recovery" for (code,) in locked]


class Recover(Restore):
    def prepare(self) -> list[object]:
        self.unharmed(*super().prepare())
        return self.recovery()

    def go_on(self, *, killed: bool) -> list[str]:
        if not killed:
            return []
        again = self.unharmed(*self.command)  # refused where it was over already
        return (
            []
            if again.code in (0, 2, _WAITS_FOR_A_PERSON)
            else [f"again it ends with {again.code}: {again.err[-400:]}"]
        )


class FirstStart(PaperScene):
    """A ledger is made: all of its schema, or none."""

    def prepare(self) -> list[object]:
        for file in self.state.glob("*ledger*"):
            file.unlink()
        return ["status"]

    def wrong(self) -> list[str]:
        made = self.unharmed("import", self.csv())
        return _is_all_ready(self) + ([] if made.code == 0 else [f"nothing can be imported: {made.err[-400:]}"])


def paper(kind: type[PaperScene]) -> Stage:
    """A stage of this kind."""

    @contextmanager
    def stage(folder: Path) -> Iterator[PaperScene]:
        with CloudSimulator(seed="soak") as cloud:
            _add_iotda_product(cloud)
            yield kind(cloud, folder)

    return stage


def _add_iotda_product(cloud: CloudSimulator) -> None:
    from station.cloud.iotda.client import Iotda, IotdaAccount
    from station.cloud.iotda.signing import AccessKey
    from station.model import Secret

    key = AccessKey(access=cloud.iotda_ak, secret=Secret(cloud.iotda_sk), region=cloud.iotda_region)
    client = Iotda(IotdaAccount(url=cloud.url, project_id=cloud.iotda_project, auth=key), calls_per_s=0)
    spec = {"device_type": "Camera", "protocol_type": "MQTT", "data_format": "json", "service_capabilities": []}
    client.create_product(spec | {"product_id": "camera", "name": "camera"})
    client.close()
