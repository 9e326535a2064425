# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch is registered in the account that it was planned for: after station.toml names another one, nothing of it is
asked for, made or decided there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.signing import AccessKey
from station.cloud.values import single
from station.cloud.whose import called, is_same
from station.codes import Code
from station.errors import CloudFault, NeedsPerson
from station.intake.adopting import reset_secret
from station.intake.journalled import advice
from station.intake.orphans import find_orphans, remove_orphans
from station.intake.product_file import create_product
from station.intake.recheck import recheck
from station.intake.reconcile import Inquiry, reconcile_registered
from station.intake.register import give_up, new_certificate, plan, register
from station.intake.scrapping import Ending, end_device
from station.ledger.store import Ledger
from station.model import CertName, Secret
from station.simulate.cloud import CloudSimulator
from tests.intake.conftest import _SPEC

NAMES = ["SN0001", "SN0002", "SN0003", "SN0004"]
FIRST = CertName("camera", "camera_SN0001")


@pytest.fixture
def other_cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="another account") as simulator:
        yield simulator


@pytest.fixture
def other(other_cloud: CloudSimulator) -> Iterator[Iotda]:
    """With a product of the same name."""
    key = AccessKey(access=other_cloud.iotda_ak, secret=Secret(other_cloud.iotda_sk), region=other_cloud.iotda_region)
    account = IotdaAccount(url=other_cloud.url, project_id=other_cloud.iotda_project, auth=key)
    with closing(Iotda(account, calls_per_s=0, parallel=1)) as client:
        client.create_product(_SPEC | {"product_id": "camera", "name": "camera"})
        yield client


@pytest.fixture
def half_way(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> str:
    """Two of four devices are registered."""
    batch = plan(ledger, iotda, "camera", NAMES)
    cloud.add_faults("path=*/devices method=POST nth=3- do=code:IOTDA.000021")
    with pytest.raises(CloudFault, match=r"000021"):
        register(ledger, iotda, batch)
    cloud.clear_faults()
    assert ledger.registrations.left(batch) == 2
    return batch


def refused(ask: Callable[[], object], iotda: Iotda, other: Iotda) -> None:
    with pytest.raises(NeedsPerson) as fault:
        ask()
    assert fault.value.code is Code.E600
    assert iotda.account in fault.value.what and other.account in fault.value.what


def test_what_is_left_of_a_batch_is_not_registered_in_another_account(
    cloud: CloudSimulator, other_cloud: CloudSimulator, iotda: Iotda, other: Iotda, ledger: Ledger, half_way: str
) -> None:
    refused(lambda: register(ledger, other, half_way), iotda, other)
    assert other_cloud.world.devices == {}
    assert ledger.registrations.waiting(half_way) == []  # nothing was decided about
    assert register(ledger, iotda, half_way).registered == 2
    assert len(cloud.world.devices) == 4
    ledger.audit.verify()


def test_another_accounts_device_of_that_name_gets_no_secret_of_the_batchs(
    other_cloud: CloudSimulator, iotda: Iotda, other: Iotda, ledger: Ledger, half_way: str
) -> None:
    theirs = Secret("somebody-elses-secret-0123456789")
    other.register(product_id="camera", node_id="SN0003", device_id="camera_SN0003", secret=theirs)
    before = dict(other_cloud.world.devices)
    refused(lambda: reset_secret(ledger, other, "camera", "camera_SN0003", by="Li Wei"), iotda, other)
    assert other_cloud.world.devices == before
    assert give_up(ledger, half_way) == 2
    refused(lambda: reset_secret(ledger, other, "camera", "camera_SN0003", by="Li Wei"), iotda, other)
    assert other_cloud.world.devices == before


def test_nobody_there_is_asked_what_became_of_its_devices(
    iotda: Iotda, other: Iotda, ledger: Ledger, half_way: str
) -> None:
    ledger.retire(FIRST, "its board was scrapped", by="Li Wei")
    give_up(ledger, half_way)
    for ask in (
        lambda: recheck(ledger, other, half_way),
        lambda: reconcile_registered(ledger, other, half_way, Inquiry(days=1)),
        lambda: find_orphans(ledger, other, half_way),
        lambda: remove_orphans(ledger, other, half_way, by="Li Wei"),
        lambda: end_device(ledger, other, FIRST, Ending.DELETE, reason="scrapped", by="Li Wei"),
    ):
        refused(ask, iotda, other)
    assert end_device(ledger, iotda, FIRST, Ending.DELETE, reason="scrapped", by="Li Wei")


def test_a_batch_of_before_accounts_were_noted_goes_on_where_it_is_told(
    iotda: Iotda, other: Iotda, ledger: Ledger
) -> None:
    identities = [single(new_certificate(iotda, "camera", name)) for name in NAMES[:2]]
    ledger.registrations.plan("register-old", identities)
    assert register(ledger, other, "register-old").registered == 2


def test_a_call_that_nobody_knows_of_says_in_which_account_to_look(
    cloud: CloudSimulator, iotda: Iotda, ledger: Ledger
) -> None:
    cloud.add_faults("path=*/products method=POST do=drop-after")
    with pytest.raises(NeedsPerson):
        create_product(ledger, iotda, _SPEC | {"product_id": "doorbell", "name": "doorbell"})
    (request,) = ledger.requests.unanswered()
    assert f"the cloud's console ({iotda.account})" in advice(request)


def test_an_account_is_the_same_one_by_whatever_address_its_instance_has() -> None:
    def same(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
        return is_same(called(*one), called(*other))

    assert same(("p1", "https://one", "i1"), ("p1", "https://two", "i1"))
    assert same(("p1", "https://one", ""), ("p1", "https://one", ""))
    assert same(("p1", "https://One.example", ""), ("p1", "https://one.example:443/", ""))
    assert same(("p1", "https://one", ""), ("p1", "https://one", "i1"))  # it was told later
    for other in (("p2", "https://one", "i1"), ("p1", "https://one", "i2"), ("p1", "https://two", "")):
        assert not same(("p1", "https://one", "i1"), other)
        assert not same(other, ("p1", "https://one", "i1"))
