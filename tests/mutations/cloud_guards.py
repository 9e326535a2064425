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
        "IoTDA: a list that brings nothing new is at its end",
        " or len(told) == before:",
        ":",
        "tests/cloud/test_iotda_operations.py",
    ),
    (
        "IoTDA: an unclear answer asks for no new token",
        "        tokens = self._token.in_use if self._token else ()\n",
        "        tokens = (self._token.get(),) if self._token else ()\n",
        "tests/cloud/test_iotda_operations.py",
    ),
)
KEPT = guards_of(
    "station/cloud/kept_answer.py",
    (
        "a secret is named however its quotation marks are written",
        r"|u0022|%22|%27|&quot;|&\#34;)",
        ")",
        "tests/cloud/test_asked_again.py",
    ),
    (
        "a quoted secret goes on up to its own quotation mark",
        r"(?(mark) (?:{_CLOSES}{_BARE} | (?:(?!{_CLOSES})(?:\\++{_MARK}?|[^\\]))*+)",
        r"(?(mark) {_BARE}",
        "tests/cloud/test_asked_again.py",
    ),
    (
        "what is escaped in a secret does not end it",
        r'_CLOSES = r"(?:(?:(?P=wrapped)\\){2})*+(?P=wrapped)(?P=mark)"',
        r'_CLOSES = r"\\*+(?P=mark)"',
        "tests/cloud/test_asked_again.py",
    ),
    (
        "a secret goes on behind what JSON escapes",
        r"(?:\\++|[^",
        "(?:[^",
        "tests/cloud/test_asked_again.py",
    ),
    (
        "however far what is in markup is indented",
        r"<>]{{0,80}}+> (?:\s++|",
        r"<>]{{0,80}}+> (?:\s|",
        "tests/cloud/test_asked_again.py",
    ),
    (
        "a secret is named in markup too",
        "    for named in (_NAMED_SECRET, _IN_MARKUP):\n",
        "    for named in (_NAMED_SECRET,):\n",
        "tests/cloud/test_asked_again.py",
    ),
    (
        "a text of an odd item that has no name is not shown",
        "    return _described(value) if isinstance(value, str) else value\n",
        "    return value\n",
        "tests/cloud/test_asked_again.py",
    ),
    (
        "a secret that another field of an odd item names is not shown",
        " if names_one or _SPEAKS",
        " if _SPEAKS",
        "tests/cloud/test_asked_again.py",
    ),
    (
        "no answer makes the search for secrets long",
        r"{_NAME}\w{{0,40}}+ (?:",
        r"{_NAME}\w* (?:",
        "tests/cloud/test_asked_again.py::test_what_was_made_to_take_long_takes_no_time",
    ),
)
PAGING = guards_of(
    "station/cloud/paging.py",
    (
        "pages that come again are the end, whatever the total says",
        "names <= seen  #",
        "not names  #",
        "tests/cloud/test_paging.py",
    ),
)
_BACKSLASHES = "tests/cloud/test_asked_again.py::test_so_it_is_where_its_backslashes_stand_together_or_before_a_sign"
ECHOED = guards_of(
    "station/cloud/echoed.py",
    (
        "what was sent is known however it is escaped",
        '    return rf"(?:{named}{backslashes}|',
        '    return itself\n    return rf"(?:{named}{backslashes}|',
        "tests/cloud/test_asked_again.py::test_what_a_call_carried_is_taken_out_however_it_is_echoed",
    ),
    (
        "so it is where its backslashes stand together",
        r'_PARTS = re.compile(r"\\+|[^\\]")',
        '_PARTS = re.compile(".")',
        _BACKSLASHES,
    ),
    (
        "so it is where one stands before a sign",
        r"(?:\\++|(?<=\\))u{code:04x}",
        r"\\++u{code:04x}",
        _BACKSLASHES,
    ),
)
CREATED = guards_of(
    "station/cloud/iotda/client.py",
    (
        "of an answer to create the beginning is kept, and no secret",
        "answer=kept_item(shown))",
        "answer=json.dumps(shown))",
        "tests/cloud/test_iotda_operations.py::test_of_a_long_answer_to_create_the_beginning_is_kept",
    ),
)
MAKING = guards_of(
    "station/intake/generate.py",
    (
        "names are generated in the batch that was asked for",
        "        if named != batch_id:\n",
        "        if False:\n",
        "tests/intake/test_generate.py::test_names_are_generated_once_whatever_batch_the_cloud_names",
    ),
    (
        "names are generated once, whatever batch that was kept as",
        'batch_id in (one.batch_id, one.detail.get("batch"))',
        "batch_id == one.batch_id",
        "tests/intake/test_generate.py::test_names_are_generated_once_whatever_batch_the_cloud_names",
    ),
    (
        "a batch that an earlier request made is no answer",
        "        if operation in MAKERS and (before",
        "        if False and (before",
        "tests/intake/test_generate.py",
    ),
)
SETTLING = guards_of(
    "station/intake/journalled.py",
    (
        "a request is not settled with another one's batch",
        "        if before:\n            raise UsageError(",
        "        if False:\n            raise UsageError(",
        "tests/intake/test_generate.py",
    ),
    (
        "another product's batch may have the same number",
        " if one.product_key == product_key and one.operation",
        " if one.operation",
        "tests/intake/test_generate.py",
    ),
)
MASKED = guards_of(
    "station/cloud/living/answers.py",
    (
        "a masked product secret is none",
        "    if is_masked(secret):\n",
        "    if False:\n",
        "tests/cloud/test_living_answers.py::test_a_masked_product_secret_is_none",
    ),
    (
        "a batch number is short, plain text",
        " or len(data) > 64 or not data.isascii() or not data.isprintable():",
        ":",
        "tests/cloud/test_living_answers.py::test_what_is_no_batch_number_is_garbled",
    ),
)
ASKING = guards_of(
    "station/outbox/asking.py",
    (
        "a yes and a no together are no answer",
        "object_pairs_hook=_each_once",
        "object_pairs_hook=dict",
        "tests/outbox/test_asking.py::test_what_is_no_answer_is_silence",
    ),
)
HTTP = guards_of(
    "station/cloud/http.py",
    (
        "a paid call has a connection of its own",
        "pool = self._pool if call.repeatable else new_pool(self._base)",
        "pool = self._pool",
        "tests/cloud/test_http.py",
    ),
)
LIVING = guards_of(
    "station/cloud/living/client.py",
    (
        "an answer about another product is not believed",
        "        if product.product_key != product_key:\n",
        "        if False:\n",
        "tests/cloud/test_living_answers.py::test_an_answer_about_another_product_is_not_believed",
    ),
    (
        "refused keys cost the others no token",
        '    return not message or "token" in message',
        "    return True",
        "tests/cloud/test_tokens.py",
    ),
)
IOTDA_CODES = guards_of(
    "station/cloud/iotda/codes.py",
    (
        "IoTDA: a time-out of the gateway is no refusal",
        "answer.status != 408 and ",
        "",
        "tests/cloud/test_iotda_operations.py",
    ),
)
PULLING = guards_of(
    "station/intake/pull.py",
    (
        "what comes in a page is no one long transaction",
        "                dressed[start : start + _AT_ONCE],\n",
        "                dressed if not start else [],\n",
        "tests/intake/test_pull_odd.py::test_a_cloud_that_gives_more_than_it_is_asked_for_keeps_no_slot_waiting",
    ),
    (
        "what is odd in a page is no one long transaction",
        "batch_id, items[start : start + _AT_ONCE])\n",
        "batch_id, items if not start else [])\n",
        "tests/intake/test_pull_odd.py::test_a_cloud_that_gives_more_than_it_is_asked_for_keeps_no_slot_waiting",
    ),
)
