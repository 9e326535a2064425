# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets the demo up in a folder: a cloud on loopback, a key, a ledger with a pulled batch, a profile, slots, boards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from station.cloud.living.client import LivingAccount, LivingLink
from station.demo.kinds import DemoBoard, kind_of
from station.intake.generate import generate, generate_nvr
from station.intake.progress import Show, show_nothing
from station.intake.pull import How, Watcher, pull
from station.intake.wanted import find_batch
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.store import Ledger
from station.ledger.where import Where
from station.model import Secret
from station.profiles.finding import find_profile
from station.profiles.profile import Profile
from station.secrets.keys import create_key, open_vault
from station.simulate.cloud import CloudSimulator
from station.targets import check_options
from station.targets.slots import SlotSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What demo to set up. `boards`: slots; `count`: identities made, and boards to flash."""

    boards: int = 4
    count: int = 12
    target: str = "agent"
    boards_are: str = "simulated"
    channels: int = 0  # NVR sets with so many cameras instead of single certificates
    line_faults: float = 0.0

    def times(self, benches: int) -> Wish:
        """With the slots of so many benches."""
        return replace(self, boards=self.boards * benches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A set-up demo. `fixtures`: slot name → the link a board appears at."""

    folder: Path
    cloud: CloudSimulator
    ledger: Ledger
    profile: Profile
    slots: list[SlotSpec]
    fixtures: dict[str, Path]
    boards: list[DemoBoard]
    batch_id: str


def open_cloud(cloud: CloudSimulator, state: Path) -> LivingLink:
    """A client of the simulated account, as fast as it answers."""
    account = LivingAccount(
        url=cloud.url,
        app_key=cloud.living_key,
        app_secret=Secret(cloud.living_secret),
        project_id=cloud.project_id,
    )
    return LivingLink(account, token_folder=state, calls_per_s=0)


@contextmanager
def set_up(folder: Path, wish: Wish, show: Show = show_nothing, *, where: Where | None = None) -> Iterator[Demo]:
    """Everything until the first board; closed again at the end. `where`: the ledger's place, by default a file."""
    kind = kind_of(wish.target, wish.boards_are, channels=wish.channels)
    state = folder / "state"
    state.mkdir(mode=0o700)
    (folder / "boards").mkdir()
    (folder / "dev").mkdir()
    create_key(state / "station.key")
    with CloudSimulator(seed=secrets.token_hex(8)) as cloud:
        product = cloud.add_product("Demo NVR" if wish.channels else "Demo camera", channels=wish.channels)
        client = open_cloud(cloud, state)
        around = Surroundings(home=folder / "witness")
        place = where or state / "ledger.db"
        with open_ledger(place, open_vault(state / "station.key"), around, actor="demo") as ledger:
            make = generate_nvr if wish.channels else generate
            batch_id = make(ledger, client, product.product_key, wish.count)
            wanted = find_batch(ledger, batch_id)
            identity = "nvr-set" if wish.channels else "single"
            (folder / "demo.toml").write_text(kind.profile_for(product.product_key, identity), "utf-8")
            profile = find_profile(str(folder / "demo.toml"), folder, check_options)
            pull(ledger, client, wanted, How(with_product_secret=profile.product_secret), Watcher(show=show))
            client.close()
            fixtures = {str(n): folder / "dev" / f"slot{n}" for n in range(1, wish.boards + 1)}
            yield Demo(
                folder=folder,
                cloud=cloud,
                ledger=ledger,
                profile=profile,
                slots=[SlotSpec(name=name, path=str(link)) for name, link in fixtures.items()],
                fixtures=fixtures,
                boards=[
                    DemoBoard(kind.uid(n), folder / "boards" / f"{kind.uid(n)}.bin", kind, wish.line_faults)
                    for n in range(1, wish.count + 1)
                ],
                batch_id=batch_id,
            )
