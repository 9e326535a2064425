# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on what is read: files of certificates, the cloud's word on whose a device is, labels and uids."""

from tests.mutations.guard import guards_of

_FORMS = "tests/cloud/test_files_forms.py"
_FILES = "tests/cloud/test_files.py"
_XLSX = "tests/cloud/test_files_xlsx.py"
_FACTORIES = "tests/cloud/test_files_of_factories.py"
_DOUBT = "tests/intake/test_register_doubt.py"
_UID = "tests/core/test_board_uid.py"

ROWS = guards_of(
    "station/cloud/files/certificates.py",
    (
        "a last line without an end is no certificate",
        "        if not sheet.whole and number == sheet.last_row:\n",
        "        if False:\n",
        f"{_FORMS}::test_a_file_cut_off_anywhere_in_its_last_line_gives_no_certificate_of_it",
    ),
    (
        "a hidden row is no certificate",
        "        if number in sheet.hidden_rows:\n",
        "        if False:\n",
        f"{_XLSX}::test_a_hidden_row_is_bad",
    ),
    (
        "a line with more cells than headings is no certificate",
        "        if heading is not None and any(cell.strip() for cell in cells[len(heading) :]):\n",
        "        if False:\n",
        f"{_FORMS} {_FACTORIES}",
    ),
    (
        "a name twice is told",
        "            if row and row.certificate.name in first_at:\n",
        "            if False:\n",
        f"{_FILES} {_FORMS} {_FACTORIES}",
    ),
    (
        "a total that says more is told",
        "        if counted and rows not in counted:\n",
        "        if False:\n",
        f"{_FORMS}::test_a_total_that_says_more_than_there_is_means_that_rows_are_missing",
    ),
    (
        "a number is no secret",
        "    if isinstance(cell, OddText) and not (name in _MAY_BE_NUMBERS and cell.isascii() and cell.isdigit()):\n",
        "    if False:\n",
        f"{_XLSX}::test_a_secret_that_is_no_text_is_bad",
    ),
    (
        "a number that a spreadsheet shortened is no secret",
        "    if shortened(cell):\n",
        "    if False:\n",
        f"{_FORMS} {_FACTORIES}",
    ),
    (
        "a character that nobody sees is told",
        "    if unseen := hidden_inside(cell):\n",
        '    if unseen := "":\n',
        f"{_FORMS} {_FACTORIES}",
    ),
    (
        "a set with a bad row is left out whole",
        " if name in spoiled else _set(name, members)\n",
        " if name is None else _set(name, members)\n",
        f"{_FILES}::test_a_set_with_anything_wrong_is_left_out_whole",
    ),
    (
        "a set has one NVR",
        "    if len(own) != 1:\n",
        "    if not own:\n",
        f"{_FILES}::test_a_set_with_anything_wrong_is_left_out_whole",
    ),
    (
        "a set's channels have no gap",
        "        if [row.channel for row in ordered] != list(range(1, len(cameras) + 1)):\n",
        "        if False:\n",
        f"{_FILES}::test_a_set_with_anything_wrong_is_left_out_whole",
    ),
    (
        "no name or secret is taken from a merged cell",
        " and name not in _MERGED_NEVER and",
        " and",
        f"{_XLSX}::test_cells_merged_below_show_what_the_first_holds_but_no_name_or_secret_does",
    ),
)
ALIKE = guards_of(
    "station/cloud/files/alike.py",
    (
        "a secret shorter than its neighbours may be cut off",
        "    alike_here, odd = _split(rows, lambda c: len(c.device_secret), _another_length)\n",
        "    alike_here, odd = list(rows), list[Odd]()\n",
        f"{_FACTORIES}::test_a_secret_that_was_cut_off_differs_from_its_neighbours {_FORMS}",
    ),
    (
        "the only one of its product is compared with what is held",
        "        if known in (None, own):\n",
        "        if True:\n",
        f"{_FORMS}::test_the_only_one_of_its_product_is_compared_with_those_that_are_held",
    ),
    (
        "of two lengths none is right",
        "        if common == [value]:\n",
        "        if value in common:\n",
        f"{_FORMS}::test_two_secrets_of_two_lengths_are_both_in_doubt_and_each_product_has_its_own_length",
    ),
    (
        "two devices with one secret are both in doubt",
        "            twice.setdefault(at, row.number)\n",
        "",
        f"{_FORMS} {_FACTORIES}",
    ),
    (
        "a product has one productSecret",
        "    odd += others\n    if provider",
        "    if provider",
        f"{_FORMS}::test_rows_with_different_product_secrets_are_bad",
    ),
)
ENDS = guards_of(
    "station/cloud/files/delimited.py",
    (
        "a line ends with its end",
        '    if not kept or kept[-1] in "\\r\\n":\n',
        "    if True:\n",
        f"{_FORMS}::test_a_file_cut_off_anywhere_in_its_last_line_gives_no_certificate_of_it",
    ),
    (
        "a quote that closes too early is no end",
        """    return kept.endswith('"') and len(lines) > 1 and len(lines[-1][1]) == len(lines[-2][1])\n""",
        """    return kept.endswith('"')\n""",
        _FORMS,
    ),
    (
        "NUL characters are damage",
        '    if "\\0" in texts[0]:\n',
        "    if False:\n",
        f"{_FORMS}::test_a_file_with_nul_characters_is_damaged",
    ),
)
SHEETS = guards_of(
    "station/cloud/files/xlsx.py",
    (
        "a sheet's cells are counted while it is read",
        "            if self._held > MAX_CELLS:\n",
        "            if False:\n",
        f"{_XLSX}::test_a_sheet_beyond_a_bound_is_refused_while_it_is_read",
    ),
    (
        "a row is not as wide as its last cell says",
        "        if self._column >= MAX_COLUMNS:\n",
        "        if False:\n",
        f"{_XLSX}::test_a_sheet_beyond_a_bound_is_refused_while_it_is_read",
    ),
    (
        "a sheet is not as long as its last row says",
        "        if not self._row < number <= MAX_ROWS:\n",
        "        if not self._row < number:\n",
        f"{_XLSX}::test_a_sheet_beyond_a_bound_is_refused_while_it_is_read",
    ),
    (
        "a cell that is a number is no text",
        "            return OddText(_digits(value), _NUMBER)\n",
        "            return _digits(value)\n",
        f"{_XLSX}::test_a_secret_that_is_no_text_is_bad",
    ),
    (
        "a formula's value may be an old one",
        'else OddText(value, "a formula in the sheet, so that its value may be an old one")',
        "else value",
        f"{_XLSX}::test_a_secret_that_is_no_text_is_bad",
    ),
    (
        "rows are in order",
        "        if not self._row < number <= MAX_ROWS:\n",
        "        if not number <= MAX_ROWS:\n",
        f"{_XLSX}::test_rows_and_cells_that_would_be_lost_are_refused",
    ),
    (
        "cells are in order",
        "            if row != self._row or column <= self._column:\n",
        "            if row != self._row:\n",
        f"{_XLSX}::test_rows_and_cells_that_would_be_lost_are_refused",
    ),
    (
        "what unpacks has an end",
        "                if self._left < 0:\n",
        "                if False:\n",
        f"{_XLSX}::test_a_workbook_that_unpacks_without_end_is_refused",
    ),
)
ITEMS = guards_of(
    "station/cloud/files/json_items.py",
    (
        "a JSON number is no text",
        "        return OddText(value, _NUMBER)\n",
        "        return str(value)\n",
        f"{_FORMS}::test_a_json_value_that_is_no_text_is_bad",
    ),
    (
        "a key twice is not guessed",
        "    if len(made) != len(pairs):\n",
        "    if False:\n",
        f"{_FORMS}::test_json_that_cannot_be_read_without_guessing",
    ),
    (
        "certificates inside certificates are a set",
        "    if nested:\n",
        "    if False:\n",
        f"{_FORMS}::test_json_that_cannot_be_read_without_guessing",
    ),
    (
        "of two lists a person says which",
        "    if len(fitting) > 1:\n",
        "    if False:\n",
        f"{_FORMS}::test_json_that_cannot_be_read_without_guessing",
    ),
)
HEADINGS = guards_of(
    "station/cloud/files/headings.py",
    (
        "of two columns a person says which",
        "            if twice:\n",
        "            if False:\n",
        f"{_FACTORIES} {_FORMS}",
    ),
)
STATUSES = guards_of(
    "station/cloud/files/statuses.py",
    (
        "a status that nobody knows is asked",
        "    return _USED.get(text)\n",
        "    return _USED.get(text, STATUS_INACTIVE)\n",
        f"{_FACTORIES}::test_status_words_are_known_or_asked_and_never_guessed",
    ),
)
OWNERSHIP = guards_of(
    "station/intake/ownership.py",
    (
        "a device with another mark is another's",
        "    if found.description and found.description != device.mark:\n",
        "    if False:\n",
        f"{_DOUBT}::test_a_device_of_somebody_else_is_reported_and_never_queued",
    ),
    (
        "a device without a mark is nobody's",
        "    if not found.description and not made:\n",
        "    if False:\n",
        f"{_DOUBT}::test_a_device_of_somebody_else_is_reported_and_never_queued",
    ),
    (
        "our mark on another node or product proves nothing",
        '        return _unclear("the cloud has it with another node_id or product")\n',
        "        pass\n",
        _DOUBT,
    ),
    (
        "the answer to a registration is judged as any other",
        "    return _judged(made, device, made=True)\n",
        "    return _with_our_secret(made, device)\n",
        _DOUBT,
    ),
    (
        "a cloud that shows another secret gives no certificate",
        "    if found.secret is not None and found.secret != device.certificate.device_secret:\n",
        "    if False:\n",
        f"{_DOUBT}::test_a_cloud_that_stored_another_secret_than_ours_gives_no_certificate",
    ),
    (
        "an answer that is none is looked up",
        "    except (DeviceExists, CloudGarbled):",
        "    except DeviceExists:",
        f"{_DOUBT}::test_an_answer_to_registering_that_is_none_is_looked_up",
    ),
    (
        "no answer about a device proves nothing",
        "    except CloudFault as error:\n        return _unclear(error.what)\n",
        "    except CloudFault:\n        return _OURS\n",
        f"{_DOUBT}::test_an_uncertain_check_after_a_lost_answer_keeps_the_device_and_its_secret",
    ),
)
REGISTERING = guards_of(
    "station/intake/register.py",
    (
        "what another station finished is settled",
        " and not _is_done(ledger, item):\n",
        ":\n",
        "tests/intake/test_orphans.py::test_what_another_station_finished_meanwhile_is_settled",
    ),
    (
        "only a device that is ours enters the queue",
        "        if verdict.owner is not Owner.OURS:\n",
        "        if verdict.owner is Owner.ANOTHERS:\n",
        _DOUBT,
    ),
)
LABELS = guards_of(
    "station/label.py",
    (
        "a label that the profile does not find names no board",
        "        if found is None or not found.group(1):\n",
        "        if found is None:\n",
        _UID,
    ),
    (
        "a label of ours names the board before the name",
        '    return uid if blank and "/" in name else text\n',
        "    return text\n",
        _UID,
    ),
)
UIDS = guards_of(
    "station/model.py",
    (
        "a uid of blank silicon is none",
        "        if _BLANK_ZEROS.issuperset(bare) or _BLANK_ONES.issuperset(bare):\n",
        "        if False:\n",
        _UID,
    ),
    ("a word for want of a uid is none", "        if bare in _OTHERS_TOO:\n", "        if False:\n", _UID),
    (
        "a uid of blank silicon is none with 0x before it",
        '        bare = uid.removeprefix("0x")\n',
        "        bare = uid\n",
        _UID,
    ),
    (
        "a uid has one case",
        '    uid = folded.lower().replace(":", "") if',
        '    uid = folded.replace(":", "") if',
        _UID,
    ),
    (
        "full width names the same board",
        "    folded = half_width(text).strip()\n    number",
        "    folded = text.strip()\n    number",
        _UID,
    ),
    (
        "a number's grouping does not count",
        "    return digits if regular and",
        "    return digits if not separators and",
        _UID,
    ),
    (
        "groups of odd sizes are no number",
        "    return digits if regular and",
        "    return digits if",
        _UID,
    ),
    (
        "a short number keeps its separators",
        " and len(digits) >= _LEAST_HEX else",
        " else",
        _UID,
    ),
)
