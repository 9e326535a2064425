-- SPDX-License-Identifier: GPL-3.0-or-later
-- The key of a board that encrypts what it stores.

ALTER TABLE identities ADD COLUMN board_key BLOB;
CREATE TRIGGER board_key_comes_with_writing BEFORE UPDATE ON identities
WHEN OLD.board_key IS NULL AND NEW.board_key IS NOT NULL
     AND NOT (NEW.state = 'WRITING' AND OLD.state IN ('RESERVED','IN_DOUBT'))
BEGIN SELECT RAISE(ABORT, 'a board key is set by what marries the identity to its board'); END;
CREATE TRIGGER board_key_stays BEFORE UPDATE ON identities
WHEN OLD.board_key IS NOT NULL AND NEW.board_key IS NOT OLD.board_key
BEGIN SELECT RAISE(ABORT, 'a board key never changes'); END;
CREATE TRIGGER no_board_key_without_a_board BEFORE INSERT ON identities
WHEN NEW.board_key IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an identity enters without a board key'); END;
