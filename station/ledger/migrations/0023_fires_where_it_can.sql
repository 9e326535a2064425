-- SPDX-License-Identifier: GPL-3.0-or-later
-- A guard is asked where what it guards may change: each board costs three updates, and SQLite tries every trigger that
-- names no column at each of them. What they refuse is as it was; no column changes but by a SET that names it.

DROP TRIGGER board_is_for_life;
CREATE TRIGGER board_is_for_life BEFORE UPDATE OF board_uid ON identities
WHEN OLD.state IN ('WRITING','IN_DOUBT','CONSUMED') AND NEW.board_uid IS NOT OLD.board_uid
BEGIN SELECT RAISE(ABORT, 'I7: the board is fixed from WRITING on'); END;

DROP TRIGGER evidence_stays;
CREATE TRIGGER evidence_stays BEFORE UPDATE OF expected, found, uid_after, method ON identities
WHEN OLD.state = 'CONSUMED' AND (NEW.expected IS NOT OLD.expected OR NEW.found IS NOT OLD.found
     OR NEW.uid_after IS NOT OLD.uid_after OR NEW.method IS NOT OLD.method)
BEGIN SELECT RAISE(ABORT, 'I5: evidence does not change'); END;

DROP TRIGGER attempt_only_grows;
CREATE TRIGGER attempt_only_grows BEFORE UPDATE OF attempt ON identities
WHEN NEW.attempt < OLD.attempt
BEGIN SELECT RAISE(ABORT, 'I6: an attempt never goes back'); END;

DROP TRIGGER board_key_comes_with_writing;
CREATE TRIGGER board_key_comes_with_writing BEFORE UPDATE OF board_key ON identities
WHEN OLD.board_key IS NULL AND NEW.board_key IS NOT NULL
     AND NOT (NEW.state = 'WRITING' AND OLD.state IN ('RESERVED','IN_DOUBT'))
BEGIN SELECT RAISE(ABORT, 'a board key is set by what marries the identity to its board'); END;

DROP TRIGGER board_key_stays;
CREATE TRIGGER board_key_stays BEFORE UPDATE OF board_key ON identities
WHEN OLD.board_key IS NOT NULL AND NEW.board_key IS NOT OLD.board_key
BEGIN SELECT RAISE(ABORT, 'a board key never changes'); END;

DROP TRIGGER nothing_disputed_goes_out;
CREATE TRIGGER nothing_disputed_goes_out BEFORE UPDATE OF state ON identities WHEN
  (OLD.state = 'READY' AND NEW.state = 'RESERVED' OR OLD.state = 'RESERVED' AND NEW.state = 'WRITING'
   OR OLD.state = 'WITHHELD' AND NEW.state = 'READY')
  AND EXISTS (SELECT 1 FROM certificates c JOIN conflicts x
    ON (x.product_key, x.device_name) = (c.product_key, c.device_name)
    WHERE c.identity = OLD.id AND x.decision IS NULL)
BEGIN SELECT RAISE(ABORT, 'what is disputed waits for a person'); END;
