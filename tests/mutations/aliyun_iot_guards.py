# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of the IoT Platform's client, and of boards that are given their product's secret."""

from tests.mutations.guard import guards_of

_OPERATIONS = "tests/cloud/aliyun_iot/test_rpc_operations.py"
_ONE_SECRET = "tests/flow/test_one_secret_per_product.py"

CLIENT = guards_of(
    "station/cloud/aliyun_iot/client.py",
    (
        "IoT Platform: a batch that is still being made is waited for",
        "            if found.stage is Stage.CREATE:\n",
        "            if False:\n",
        _OPERATIONS,
    ),
    (
        "IoT Platform: only names that were found good are registered",
        "        if found.stage is not Stage.CHECK_SUCCESS:\n",
        "        if False:\n",
        _OPERATIONS,
    ),
    (
        "IoT Platform: what was asked for is not asked for again",
        "        if found.stage.was_asked_for:\n            return batch\n",
        "",
        _OPERATIONS,
    ),
    (
        "IoT Platform: a page is of the product it is asked for",
        "        if not known:\n",
        "        if False:\n",
        _OPERATIONS,
    ),
    (
        "IoT Platform: a secret belongs to the device it stands under",
        " and found.iot_id != item.primary.iot_id:\n",
        " and False:\n",
        _OPERATIONS,
    ),
)
RPC = guards_of(
    "station/cloud/aliyun_iot/rpc.py",
    (
        "IoT Platform: an unclear answer to a paid call is a doubt",
        "        if not call.repeatable and not codes.surely_did_nothing(answer.status, code):\n",
        "        if False:\n",
        _OPERATIONS,
    ),
    (
        "IoT Platform: a secret that a refusal echoes is not shown",
        "        shown = answer.without(call.secrets)\n",
        "        shown = answer\n",
        _OPERATIONS,
    ),
)
CODES = guards_of(
    "station/cloud/aliyun_iot/codes.py",
    (
        "IoT Platform: what failed afterwards is no refusal",
        " and not _AFTERWARDS.fullmatch(code)",
        "",
        _OPERATIONS,
    ),
)
ANSWERS = guards_of(
    "station/cloud/aliyun_iot/answers.py",
    (
        "IoT Platform: a masked secret is odd",
        "    if is_masked(found.device_secret.reveal()):\n",
        "    if False:\n",
        "tests/cloud/aliyun_iot/test_rpc_answers.py",
    ),
    (
        "IoT Platform: an unknown status is of a device in use",
        "_DEVICE_STATUS.get(said, _USED_SOMEHOW)",
        "_DEVICE_STATUS.get(said, STATUS_INACTIVE)",
        "tests/cloud/aliyun_iot/test_rpc_answers.py",
    ),
)
WANTED = guards_of(
    "station/intake/wanted.py",
    (
        "IoT Platform: a number that two clouds have is no batch's name",
        "    if len(clouds) > 1:\n",
        "    if False:\n",
        "tests/intake/test_aliyun_iot_commands.py",
    ),
)
ONE_SECRET = (
    *guards_of(
        "station/flow/flow.py",
        (
            "one secret per product: one in doubt that came without it is not written",
            "    if missing := refusals.of_missing_secret(job.profile, identity, in_doubt=True):\n        raise missing\n",
            "",
            _ONE_SECRET,
        ),
        (
            "one secret per product: one that a lost ledger wrote, here without it, is no alarm",
            "    if missing := refusals.of_missing_secret(job.profile, identity, in_doubt=False):\n",
            "    if False:\n",
            "tests/flow/test_after_recovery.py",
        ),
    ),
    *guards_of(
        "station/profiles/profile.py",
        (
            "one secret per product: no board sees its deviceSecret",
            "        if not self.stores_device_secret:\n            return identity.without_device_secret()\n",
            "",
            _ONE_SECRET,
        ),
    ),
    *guards_of(
        "station/ledger/sealing.py",
        (
            "one secret per product: what is in hand or done gets none later",
            "                \" AND (SELECT state FROM identities WHERE id = identity) IN ('READY', 'WITHHELD', 'IN_DOUBT')\",\n",
            "",
            "tests/ledger/test_product_secret_later.py",
        ),
    ),
)
GUARDS = (*CLIENT, *RPC, *CODES, *ANSWERS, *WANTED, *ONE_SECRET)
