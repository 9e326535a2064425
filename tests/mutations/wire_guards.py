# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of what is kept of the wire: no secret in a trace, of this board or another."""

from tests.mutations.guard import guards_of

_WIRE = "tests/targets/test_wire.py"
_NEWCOMER = "tests/newcomer/test_manual_with_a_password.py"

WIRE = guards_of(
    "station/targets/wire.py",
    (
        "a known secret hides the rest of its line",
        "        hit = self._first_apart(text) if is_dump else self._first_secret(text)\n",
        "        hit = None\n",
        _WIRE,
    ),
    (
        "a secret is known in every form it is written in",
        "for text in guarded for form in _FORMS}",
        "for text in guarded for form in _FORMS[:1]}",
        _WIRE,
    ),
    (
        "a secret is known where a quote in it is said twice",
        "    lambda text: text.replace('\"', '\"\"'),\n",
        "",
        _WIRE,
    ),
    (
        "a secret is known where a firmware dumps it byte by byte",
        "        hit = self._first_apart(text) if is_dump else self._first_secret(text)\n",
        "        hit = self._first_secret(text)\n",
        _WIRE,
    ),
    (
        "a secret is known within base64 of a longer text",
        '    lambda text: base64.b64encode(b".." + text.encode()).decode()[3:],\n',
        "",
        _WIRE,
    ),
    (
        "a dump that may be another board's secret is told by its length",
        '            shown = _DUMP.sub(lambda dump: f"‹{len(dump[0])} characters›", shown)\n',
        "            pass\n",
        _WIRE,
    ),
    (
        "a short secret is known wherever it stands",
        " for n in self._lengths)",
        " for n in [_LEAST])",
        _WIRE,
    ),
    (
        "what may be another board's secret is told by its length",
        '        shown = _LONG_RUN.sub(lambda run: f"‹{len(run[0])} characters›", text[:hit])\n',
        "        shown = text[:hit]\n",
        _WIRE,
    ),
    (
        "behind a guard only the profile's words are read",
        "        if mark is HEARD and self._allowed is not None:\n",
        "        if False:\n",
        _WIRE,
    ),
    (
        "behind a guard what stands before a known secret is not read either",
        "        if mark is HEARD and self._allowed is not None:\n",
        "        if mark is HEARD and self._allowed is not None and hit is None:\n",
        _WIRE,
    ),
    (
        "a loader's frames are not read",
        '        text = f"{len(data)} bytes {data[:3].hex()} …" if self.binary else self._masked(mark, data)\n',
        "        text = self._masked(mark, data)\n",
        _WIRE,
    ),
)

HIDING = guards_of(
    "station/targets/console/target.py",
    (
        "the password is hidden before it is given",
        "        self._line.hide(password)\n",
        "",
        _NEWCOMER,
    ),
)
FLOW = guards_of(
    "station/flow/flow.py",
    (
        "the identity is hidden before it is written",
        '    wire_of(visit.slot).know("identity", secrets)\n',
        "",
        "tests/flow/test_secret_on_the_wire.py",
    ),
    (
        "what is in doubt is hidden before it is compared",
        "_hidden(visit, job.profile.as_stored(job.ledger.identity(mine.identity_id)))",
        "job.profile.as_stored(job.ledger.identity(mine.identity_id))",
        "tests/flow/test_secret_on_the_wire.py",
    ),
    (
        "what is learned is hidden before it is compared",
        "_hidden(visit, job.profile.as_stored(job.ledger.identity(carried.identity_id)))",
        "job.profile.as_stored(job.ledger.identity(carried.identity_id))",
        "tests/flow/test_after_recovery.py::test_what_is_read_to_learn_it_leaves_no_secret_in_the_trace",
    ),
)
