# SPDX-License-Identifier: GPL-3.0-or-later
"""MQTT sign-on as the clouds' documents and captured SDKs have it, and as Python computes it."""

from __future__ import annotations

import hashlib
import hmac
import random
import string

from tests.templates.product_questions import Ask

PUBLISHED = {
    # Alibaba's document, and the same with SHA-256
    "living pk device secret 12345 789 - sha1 tls": (
        "12345|securemode=2,signmethod=hmacsha1,timestamp=789|",
        "device&pk",
        "fafd82a3d602b37fb0fa8b7892f24a477f851a14",
    ),
    "living pk device secret 12345 789 - sha256 tcp": (
        "12345|securemode=3,signmethod=hmacsha256,timestamp=789|",
        "device&pk",
        "6074a46a91b1ebb2cc4ea42790ad0e80202c9843859fc292e57c4eb19fad9e57",
    ),
    # CONNECT captured from linkkit 1.2.13
    "living a1B2c3D4e5F factory-0001 0123456789abcdef0123456789abcdef a1B2c3D4e5F&factory-0001 1700000000 "
    "ext=1,_ss=1,lan=Python,_v=1.2.13, sha1 tcp": (
        "a1B2c3D4e5F&factory-0001|securemode=3,signmethod=hmacsha1,ext=1,_ss=1,lan=Python,_v=1.2.13,timestamp=1700000000|",
        "factory-0001&a1B2c3D4e5F",
        "cd72ace25ddeca68478151a73bf96fd071daa38e",
    ),
    "living a1B2c3D4e5F factory-0001 0123456789abcdef0123456789abcdef a1B2c3D4e5F.factory-0001 2524608000000 "
    "- sha256 tls": (
        "a1B2c3D4e5F.factory-0001|securemode=2,signmethod=hmacsha256,timestamp=2524608000000|",
        "factory-0001&a1B2c3D4e5F",
        "24a5b22705d40f5af59ffb938c0ec46a455bce48d6b90d87914fc073959384fd",
    ),
    # the test of a third party's Rust crate
    f"living abcdefghijk {'2' * 32} {'1' * 32} abcdefghijk.{'2' * 32} 2524608000000 - sha1 tls": (
        f"abcdefghijk.{'2' * 32}|securemode=2,signmethod=hmacsha1,timestamp=2524608000000|",
        f"{'2' * 32}&abcdefghijk",
        "52a4f5b3a6f388b314ee1af6b386f983d0d020ac",
    ),
    # Huawei's document, and one computed
    "iotdasignon dev 12345678 2025041401 0": (
        "dev_0_0_2025041401",
        "dev",
        "c75150e6cb841417396819e4d2ee4358a416344a03a083e3a8567074ddec820a",
    ),
    "iotdasignon p_n 12345678abcdefgh 2026010203 1": (
        "p_n_0_1_2026010203",
        "p_n",
        "88522f6d38bd6dfeb99c50254c672f56c8e60463263e1283986144b06a0069f6",
    ),
}


def test_the_published_vectors(product: Ask) -> None:
    assert product(list(PUBLISHED)) == [list(answer) for answer in PUBLISHED.values()]


def test_certificates_of_every_length_sign_on_as_python_computes_it(product: Ask) -> None:
    source = random.Random(7)

    def text(n: int) -> str:
        return "".join(source.choices(string.ascii_letters + string.digits, k=n))

    questions, wanted = [], []
    for n in range(1, 65):
        pk, dn, ds, client = text(min(n, 20)), text(min(n, 32)), text(n), text(n)
        for name, digest in (("sha1", hashlib.sha1), ("sha256", hashlib.sha256)):
            questions.append(f"living {pk} {dn} {ds} {client} {n} - {name} tls")
            signed = f"clientId{client}deviceName{dn}productKey{pk}timestamp{n}"
            wanted.append(hmac.new(ds.encode(), signed.encode(), digest).hexdigest())
        questions.append(f"iotdasignon {text(2 * n)} {ds} 2026112205 0")
        wanted.append(hmac.new(b"2026112205", ds.encode(), hashlib.sha256).hexdigest())
    assert [answer[2] for answer in product(questions)] == wanted


def test_what_the_cloud_would_not_take_is_refused_and_nothing_is_left(product: Ask) -> None:
    assert (
        product(
            [
                f"living pk dn ds {'c' * 65} 1 - sha256 tls",
                f"living {'p' * 20} {'d' * 44} ds c 1 - sha256 tls",
                f"living pk dn ds c 1 {'e' * 180} sha256 tls",
                f"iotdasignon {'d' * 129} s 2026112205 0",
                "iotdasignon dev s 202611220 0",
                "iotdasignon dev s 20261122055 0",
            ]
        )
        == [["refused"]] * 6
    )
