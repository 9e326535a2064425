# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide and the hand-over wait for, and what they say is still to come."""

from __future__ import annotations

from tests.mutations.guard import guards_of

_GIVEN_UP = "tests/guide/test_given_up.py"
_KEPT = f"{_GIVEN_UP}::test_a_dry_check_that_was_given_up_is_said_to_keep_its_port_until_it_is_free"
_REST = "tests/guide/test_rest_of_a_batch.py"
_PULLS = "tests/intake/test_background_pulls.py"
GUIDE = (
    *guards_of(
        "station/guide/where_boards_are.py",
        (
            "no board is looked at while another one's check has its port",
            "    if not _port_is_free(asker, guide):\n        return\n",
            "",
            _KEPT,
        ),
        (
            "the bench is not opened at a port that a check still has",
            "                _port_is_free(asker, guide)  # for the bench, which opens it next\n",
            "",
            _KEPT,
        ),
        (
            "a port that a check still has is waited for",
            "    if guide.keeps_port:\n        asker.wait(lambda words: words.guide.port_kept, guide.wait_for_port)\n",
            "",
            _KEPT,
        ),
    ),
    *guards_of(
        "station/words/told.py",
        (
            "who sets a bench up is not told that boards go on",
            "if error.code.blame is not Blame.CLOUD:",
            "if True:",
            "tests/tui/test_details.py::test_where_questions_are_asked_a_cloud_s_error_says_nothing_of_boards_at_work",
        ),
    ),
    *guards_of(
        "station/words/details.py",
        (
            "a template does not begin in one text and end in another one's brackets",
            "return found if first or all(map(_closes, found)) else None",
            "return found",
            "tests/tui/test_details.py::test_a_finished_text_is_said_in_chinese",
        ),
        (
            "a list is not taken apart within brackets",
            "if parts and not _closes(parts[-1]):",
            "if False:",
            "tests/tui/test_details.py::test_a_finished_text_is_said_in_chinese",
        ),
    ),
    *guards_of(
        "station/guide/guide.py",
        (
            "a dry check has its port as long as it goes on",
            "        with self._looking:\n",
            "        if True:\n",
            _KEPT,
        ),
        (
            "a mistyped number is not offered as a batch",
            "if batch.pullable and not is_only_typed(batch)",
            "if batch.pullable",
            f"{_REST}::test_a_mistyped_number_is_not_offered_as_a_batch",
        ),
    ),
    *guards_of(
        "station/desk/pulls.py",
        (
            "a number is offered again where the cloud was in trouble",
            " and batch.trouble is Code.E405",
            "",
            f"{_REST}::test_a_number_that_the_cloud_was_not_asked_about_is_offered_again",
        ),
        (
            "a mistyped number goes when another one is pulled",
            "            for name in mistyped.intersection(self._running) - {batch_id}:\n",
            "            for name in ():\n",
            f"{_PULLS}::test_a_mistyped_number_goes_when_the_right_one_is_pulled",
        ),
        (
            "one that is begun again at that moment does not",
            "                if not self._running[name].thread.is_alive():",
            "                if True:",
            f"{_PULLS}::test_one_that_is_begun_again_at_that_moment_can_still_be_stopped",
        ),
        (
            "why nothing comes is known while it is waited for",
            "            running.waits = True\n",
            "            pass\n",
            f"{_PULLS}::test_why_nothing_comes_is_known_while_it_is_waited_for",
        ),
    ),
    *guards_of(
        "station/guide/first_batch.py",
        (
            "who answers the guide is told of no command",
            "    if trouble.code is not Code.E405:\n",
            "    if True:\n",
            f"{_REST}::test_a_mistyped_number_is_not_offered_as_a_batch",
        ),
    ),
    *guards_of(
        "station/tui/wall.py",
        (
            "a wall asks nobody for a badge",
            ", takes_badges=False",
            "",
            "tests/tui/test_wall.py::test_nobody_is_asked_for_a_badge_where_there_is_no_scanner",
        ),
    ),
    *guards_of(
        "station/guide/dialogue.py",
        (
            "the rest of a batch is offered when all else is ready",
            "(go, slots, *rest)",
            "(go, slots)",
            f"{_REST}::test_the_rest_of_a_batch_is_offered_when_all_else_is_ready",
        ),
        (
            "what is for no board of the profile is told",
            "        tell_error(asker, error)\n    rest",
            "        pass\n    rest",
            f"{_REST}::test_what_is_for_no_board_of_the_profile_is_told_before_the_bench_is_opened",
        ),
    ),
    *guards_of(
        "station/tui/screens/handover.py",
        (
            "a badge that is faster than the report is asked about with it",
            "            self.look(self.desk.handover, make_sure)\n",
            "            pass\n",
            "tests/tui/test_office_flows.py::test_a_badge_that_is_faster_than_the_report_is_asked_about_with_it",
        ),
    ),
)
