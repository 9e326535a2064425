# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on what a cloud says: which answer is one, whose it is, and what of it may be shown."""

from tests.mutations.guard import guards_of

IOTDA = guards_of(
    "station/cloud/iotda/client.py",
    (
        "IoTDA: a page is no word that it was done",
        "        if answer.status != 204 or answer.body:\n            parse_object(answer.body, call.operation)\n",
        "",
        "tests/cloud/test_iotda_operations.py",
    ),
    (
        "IoTDA: an error behind a 200 is one",
        " and not codes.tells_an_error(answer):",
        ":",
        "tests/cloud/test_iotda_operations.py",
    ),
    (
        "IoTDA: a reset that gave another secret is not believed",
        "        if found.secret is not None and found.secret != secret:\n",
        "        if False:\n",
        "tests/cloud/test_iotda_operations.py",
    ),
    (
        "IoTDA: an unclear answer asks for no new token",
        "        tokens = self._token.in_use if self._token else ()\n",
        "        tokens = (self._token.get(),) if self._token else ()\n",
        "tests/cloud/test_iotda_operations.py",
    ),
)
