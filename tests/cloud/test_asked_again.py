# SPDX-License-Identifier: GPL-3.0-or-later
"""Half answers are asked for again where that does no harm, throttling is waited out, and a paid call goes out once."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path
from time import process_time, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.cloud.http import HttpAnswer
from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.signing import AccessKey
from station.cloud.kept_answer import MOST_CHARACTERS, kept, kept_item
from station.cloud.living.client import LivingLink
from station.cloud.retry import Retry, retry_after_s
from station.errors import CloudRefused, OutcomeUnknown
from station.model import Secret
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import living_account

NOT_AN_ANSWER = ["html", "html:404", "html:403", "garbage", "truncate", "empty", "empty:302", "code:nonsense"]
LONG = Retry(attempts=3, first_wait_s=0.01, longest_wait_s=0.02, throttled_s=600.0)


@pytest.fixture
def waits(cloud: CloudSimulator, tmp_path: Path) -> Any:
    """A Living Link client, and the waits that its throttling asked for; they take no time."""
    client = LivingLink(living_account(cloud), token_folder=tmp_path, calls_per_s=0, retry=LONG)
    list(client.products())
    asked: list[tuple[float, str]] = []

    def rest(seconds: float, why: str) -> bool:
        asked.append((seconds, why))
        return True

    client.while_throttled(rest)
    return client, asked


@pytest.fixture
def iotda(cloud: CloudSimulator) -> Iotda:
    key = AccessKey(access=cloud.iotda_ak, secret=Secret(cloud.iotda_sk), region=cloud.iotda_region)
    return Iotda(IotdaAccount(url=cloud.url, project_id=cloud.iotda_project, auth=key), calls_per_s=0, retry=LONG)


@pytest.mark.parametrize("fault", NOT_AN_ANSWER)
def test_what_is_no_answer_to_a_harmless_question_is_asked_for_again(
    cloud: CloudSimulator, living: LivingLink, fault: str
) -> None:
    batch = living.generate(cloud.add_product("Fan").product_key, 5, request_id="r1")
    cloud.add_faults(f"path=*/query times=1 do={fault}")
    assert len(living.page(batch, 1).items) == 5


@pytest.mark.parametrize("fault", ["html", "html:404", "garbage", "truncate", "empty", "html:502"])
def test_so_is_iotdas(cloud: CloudSimulator, iotda: Iotda, fault: str) -> None:
    cloud.add_faults(f"path=*/products times=1 do={fault}")
    assert list(iotda.products()) == []


def test_a_refused_key_is_never_tried_again_by_itself(cloud: CloudSimulator, iotda: Iotda) -> None:
    cloud.add_faults("path=*/products do=html:401")
    with pytest.raises(CloudRefused):
        list(iotda.products())
    assert len(cloud.requests) == 1


PATHS = {"generate": "*/amount/device/generate", "upload_names": "*/upload"}


@pytest.mark.parametrize("operation", PATHS)
@pytest.mark.parametrize("fault", [*NOT_AN_ANSWER, "html:401", "empty:404", "empty:401", "html:400", "html:502"])
def test_a_paid_call_goes_out_once_and_a_page_that_is_not_the_clouds_leaves_it_open(
    cloud: CloudSimulator, living: LivingLink, operation: Any, fault: Any
) -> None:
    key = cloud.add_product("Fan").product_key
    list(living.products())
    cloud.requests.clear()
    cloud.add_faults(f"path={PATHS[operation]} do={fault}")
    with pytest.raises(OutcomeUnknown):
        getattr(living, operation)(key, 5 if operation == "generate" else ["fan-0001"], request_id="r1")
    assert len(cloud.requests) == 1


@pytest.mark.parametrize(
    ("fault", "kept_of_it"),
    [
        ("do=html-after", "502 Bad Gateway"),
        ("quirk=9.11-trailing-comma", '"data":"{batch}"'),
        ("do=truncate", '{"code":200,'),
        ("do=code-after:nonsense", '"code":"nonsense"'),
        ("do=garbage-after", "\\x80"),
        ("do=cut", '{"code":200,'),
    ],
)
def test_what_came_instead_of_an_answer_to_a_paid_call_is_kept(
    cloud: CloudSimulator, living: LivingLink, fault: str, kept_of_it: str
) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults(f"path=*/generate {fault}")
    with pytest.raises(OutcomeUnknown) as error:
        living.generate(key, 5, request_id="r1")
    [batch] = cloud.world.batches
    assert kept_of_it.replace("{batch}", batch) in error.value.raw
    assert "station batch show r1" in error.value.do
    assert error.value.raw not in error.value.lines()


@pytest.mark.parametrize("fault", ["html-after:201", "garbage-after", "html:403", "html:404", "empty:400"])
def test_creating_a_product_is_as_careful(cloud: CloudSimulator, iotda: Iotda, fault: str) -> None:
    spec = {"device_type": "Camera", "protocol_type": "MQTT", "data_format": "json", "service_capabilities": []}
    cloud.add_faults(f"path=*/products do={fault}")
    with pytest.raises(OutcomeUnknown):
        iotda.create_product(spec | {"name": "camera"}, request_id="r1")
    assert len(cloud.requests) == 1


@given(st.binary(max_size=5000))
def test_whatever_came_is_kept_short_printable_and_without_secrets(body: Any) -> None:
    secret = Secret("s3cr3t-of-ours")
    shown = kept(b'{"cloudToken":"abcdef","a":"' + body + b'"' + secret.reveal().encode(), [secret])
    assert len(shown) <= MOST_CHARACTERS
    assert shown.isprintable()
    assert secret.reveal() not in shown
    assert "abcdef" not in shown.partition('"a"')[0]


NEWLINE = "\n" + 12 * " "


@pytest.mark.parametrize(
    "body",
    [
        '{"deviceSecret":"hidethis0123"}',
        "deviceSecret=hidethis0123&x=1",
        '{"iotToken" : "hidethis0123"}',
        "<secret>x</secret> password: hidethis0123",
        "x" * (MOST_CHARACTERS - 20) + '"deviceSecret":"hidethis0123',
        r'{"message":"upstream said {\"deviceSecret\":\"hidethis0123\"}"}',
        r'{"message":"upstream said {\\\"deviceSecret\\\": \\\"hidethis0123\\\"}"}',
        r'{"message":"upstream said {\u0022deviceSecret\u0022:\u0022hidethis0123\u0022}"}',
        "<DeviceSecret>hidethis0123</DeviceSecret>",
        '<a:deviceSecret type="s">hidethis0123</a:deviceSecret>',
        "<td>deviceSecret</td><td>hidethis0123</td>",
        '{"secrets":["hidethis0123","hidethis0124"]}',
        '{"deviceSecret":{"value":"hidethis0123"}}',
        "x=%7B%22deviceSecret%22%3A%22hidethis0123%22%7D",
        "{&quot;deviceSecret&quot;:&quot;hidethis0123&quot;}",
        "deviceSecret => hidethis0123",
        '"deviceName","deviceSecret","hidethis0123"',
        "deviceSecret\thidethis0123",
        "X-Subject-Token: hidethis0123",
        r'{"deviceSecret":"0123\/hidethis"}',
        r'{"deviceSecret":"0123\u003dhidethis"}',
        r'{"m":"{\"deviceSecret\":\"0123\\/hidethis\"}"}',
        r"deviceSecret=0123\/hidethis",
        '{"deviceSecret":"0123 hidethis"}',
        '{"deviceSecret":"0123, hidethis; hidethis & {hidethis}"}',
        r'{"deviceSecret":"0123\"hidethis"}',
        r'{"m":"{\"deviceSecret\":\"0123\\\", hidethis\"}"}',
        "{'deviceSecret' = '0123 hidethis'}",
        "x=%7B%22deviceSecret%22%3A%220123,hidethis%22%7D",
        "{&quot;deviceSecret&quot;: &quot;0123 hidethis&quot;}",
        r"{\u0022deviceSecret\u0022:\u00220123 hidethis\u0022}",
        'deviceSecret=""hidethis0123""',
        '{"secrets":[{"value":"hidethis0"},{"value":"hidethis1"}]}',
        f"<deviceSecret>{NEWLINE}<value>hidethis0123</value></deviceSecret>",
        f"<name>deviceSecret</name>{NEWLINE}<value>hidethis0123</value>",
    ],
)
def test_named_secrets_are_taken_out_of_what_is_kept(body: Any) -> None:
    assert "hidethis" not in kept(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        '{"code":200,"data":"12345"}',
        "the token is refused, see batch 12345",
        '{"cloudToken":"x","batchId":"12345"}',
        '{"tokens":["x","y"],"batchId":12345}',
        r'{"m":"{\"deviceSecret\":\"x\",\"batchId\":\"12345\"}"}',
        r'{"deviceSecret":"x\\\\","batchId":"12345"}',
        '{"deviceSecret":"x, y z","batchId":"12345"}',
        '{"deviceSecret":"","batchId":"12345"}',
        r'{"deviceSecret":"x\"y","batchId":"12345"}',
        r'{"m":"{\"deviceSecret\":\"x\\\\\",\"batchId\":\"12345\"}"}',
        "x=%7B%22deviceSecret%22%3A%22x%20y%22%2C%22batchId%22%3A12345%7D",
        "<Token>x</Token><ApplyId>12345</ApplyId>",
        "token=x&batchId=12345",
    ],
)
def test_what_stands_beside_a_secret_is_kept(body: str) -> None:
    assert "12345" in kept(body.encode())


CARRIED = "a/b+c=d&e-hidethis"


@pytest.mark.parametrize(
    "echo",
    [
        CARRIED,
        r"a\/b+c=d&e-hidethis",
        r"a\u002fb\u002Bc\u003dd\u0026e-hidethis",
        r"a\\/b\\u002bc=d&e-hidethis",
        "a%2Fb%2bc%3Dd%26e-hidethis",
        "a%252Fb%252Bc%253Dd%2526e-hidethis",
        "a&#47;b&#x2B;c&#61;d&#38;e-hidethis",
        "a/b+c=d&amp;e-hidethis",
    ],
)
def test_what_a_call_carried_is_taken_out_however_it_is_echoed(echo: str) -> None:
    body, secret = f'{{"error_msg":"refused: {echo} is not one","n":12345}}'.encode(), Secret(CARRIED)
    answer = HttpAnswer(status=403, headers={"x-why": echo}, body=body + b"\xff").without([secret])
    for shown in (answer.body.decode("latin-1"), answer.headers["x-why"], kept(body, [secret])):
        assert "hidethis" not in shown
    assert answer.body.endswith(b' is not one","n":12345}\xff')


@pytest.mark.parametrize(
    "echo",
    [
        r"a\\b\&hidethis",
        r"a\\\\b\\&hidethis",
        r"a\\\\b\\\u0026hidethis",
        r"a\u005c\u005Cb\u005c\u0026hidethis",
        "a%5C%5cb%5C%26hidethis",
    ],
)
def test_so_it_is_where_its_backslashes_stand_together_or_before_a_sign(echo: str) -> None:
    """A password of an account may have them."""
    assert "hidethis" not in kept(f'{{"error_msg":"{echo}"}}'.encode(), [Secret(r"a\\b\&hidethis")])


def test_a_long_token_is_sought_at_once() -> None:
    secret, body = Secret("MIITabcdefghijklmnop+/-_=" * 800), b'{"error_msg":"' + b"MIITabc+/-_" * 100_000 + b'"}'
    began = process_time()
    HttpAnswer(status=403, headers={}, body=body).without([secret])
    assert process_time() - began < 3


@pytest.mark.parametrize(
    "item",
    [
        {"deviceSecret": "hidethis0123"},
        {"auth": {"secret": {"value": "hidethis0123"}}},
        '{"deviceName":"fan","deviceSecret":"hidethis0123"}',
        {"cert": '{"deviceName":"fan","deviceSecret":"hidethis0123"}'},
        ["a1Key", "fan", "hidethis0123"],
        {"row": ["a1Key", "fan", "hidethis0123"]},
        "hidethis0123",
        [{"name": "deviceSecret", "value": "hidethis0123"}],
    ],
)
def test_no_form_of_an_odd_item_shows_its_secret(item: object) -> None:
    assert "hidethis" not in kept_item(item)


def test_what_an_odd_item_says_under_a_name_is_shown() -> None:
    shown = kept_item({"deviceName": "fan 1", "productKey": 7, "ipcs": [{"deviceName": "cam"}], "deviceSecret": "abc"})
    assert all(word in shown for word in ("fan 1", "7", "cam", "(3 characters)"))


@pytest.mark.parametrize(
    "part",
    ["secret", "<secret>", ">secret<a>", "secret\\", "secret:x\\", 'secret:"', "secret:[", 'secret:"\\', 'secret:\\"'],
)
def test_what_was_made_to_take_long_takes_no_time(part: str) -> None:
    began = process_time()
    kept(part.encode() * 20_000)
    assert process_time() - began < 3


def test_throttling_is_waited_out_as_long_as_the_cloud_says(cloud: CloudSimulator, waits: Any) -> None:
    client, asked = waits
    cloud.add_faults("path=*/productList/get times=6 do=throttled:90")
    assert list(client.products()) == []
    assert [seconds for seconds, _ in asked] == [90.0] * 6
    assert "calls_per_s" in asked[0][1]


def test_without_retry_after_the_waits_grow_to_minutes(cloud: CloudSimulator, waits: Any) -> None:
    client, asked = waits
    cloud.add_faults("path=*/productList/get times=10 do=throttled")
    assert list(client.products()) == []
    assert asked[0][0] <= 1.0 < asked[-1][0] <= LONG.longest_throttled_s
    assert sum(seconds for seconds, _ in asked) > 60


def test_throttling_without_end_says_what_to_do(cloud: CloudSimulator, waits: Any) -> None:
    client, asked = waits
    cloud.add_faults("path=*/productList/get do=throttled:120")
    with pytest.raises(CloudRefused) as error:
        list(client.products())
    assert sum(seconds for seconds, _ in asked) == LONG.throttled_s
    assert "calls_per_s" in error.value.do
    assert "run the same command again" in error.value.do


def test_iotdas_advice_names_the_rate_and_resume(cloud: CloudSimulator, iotda: Iotda) -> None:
    iotda.while_throttled(lambda _seconds, _why: True)
    cloud.add_faults("path=*/products do=throttled:300")
    with pytest.raises(CloudRefused) as error:
        list(iotda.products())
    assert all(word in error.value.do for word in ("calls_per_s", "--resume"))


def test_waiting_ends_when_somebody_ends_it(cloud: CloudSimulator, waits: Any) -> None:
    client, _ = waits
    client.while_throttled(lambda _seconds, _why: False)
    cloud.requests.clear()
    cloud.add_faults("path=*/productList/get do=throttled")
    with pytest.raises(CloudRefused):
        list(client.products())
    assert len(cloud.requests) == 1


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("120", 120, 120),
        ("", 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("9" * 40, 0, 0),
        (3600, 3000, 3600),
        (-3600, 0, 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(said: Any, least: int, most: int) -> None:
    text = said if isinstance(said, str) else formatdate(time() + said, usegmt=True)
    assert least <= retry_after_s({"retry-after": text}) <= most
