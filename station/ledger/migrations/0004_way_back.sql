-- SPDX-License-Identifier: GPL-3.0-or-later
-- The way back: WITHHELD to READY by a supervisor's word with a reason, after the cloud, where one is there, was asked
-- again and does not say that it is in use. Never for what was found on a board.

CREATE TABLE found_on_boards (               -- identities that turned up on a board although they were never sent
  identity  INTEGER PRIMARY KEY REFERENCES identities(id),
  board_uid TEXT NOT NULL                    -- the first board it was seen on
);
CREATE TRIGGER keep_found_on_boards BEFORE DELETE ON found_on_boards
BEGIN SELECT RAISE(ABORT, 'I3: no row of found_on_boards is deleted'); END;
CREATE TRIGGER fix_found_on_boards BEFORE UPDATE ON found_on_boards
BEGIN SELECT RAISE(ABORT, 'found_on_boards is append-only'); END;

-- What earlier stations found stands in the reason, or in the alarm's visit.
INSERT INTO found_on_boards SELECT id, substr(reason, 16, instr(substr(reason, 16), ' ') - 1) FROM identities
WHERE state = 'WITHHELD' AND reason LIKE 'found on board % although never sent';
INSERT INTO found_on_boards SELECT c.identity, min(v.board_uid) FROM visits v
JOIN identities i ON i.state = 'WITHHELD' JOIN certificates c ON c.identity = i.id
WHERE v.code = 'E705' AND v.board_uid IS NOT NULL
 AND instr(v.what, ' carries ' || c.product_key || '/' || c.device_name || ', which') > 0
 AND NOT EXISTS (SELECT 1 FROM found_on_boards f WHERE f.identity = c.identity) GROUP BY c.identity;

CREATE TRIGGER add_found_on_boards BEFORE INSERT ON found_on_boards
WHEN EXISTS (SELECT 1 FROM found_on_boards WHERE identity = NEW.identity) OR NOT EXISTS (
  SELECT 1 FROM identities i JOIN audit a ON a.identity = i.id AND a.version = i.version
  WHERE i.id = NEW.identity AND i.state = 'WITHHELD' AND a.event = 'found on a board')
BEGIN SELECT RAISE(ABORT, 'I10: what is found on a board is withheld, once, and the audit says so'); END;

CREATE TABLE cloud_answers (                 -- what the cloud said of a withheld certificate when it was asked again
  certificate INTEGER NOT NULL REFERENCES certificates(id),
  line        INTEGER NOT NULL REFERENCES audit(seq),
  status      INTEGER NOT NULL,              -- 0 inactive, below that it did not say, above that it is in use
  PRIMARY KEY (certificate, line)
) WITHOUT ROWID;
CREATE TRIGGER keep_cloud_answers BEFORE DELETE ON cloud_answers
BEGIN SELECT RAISE(ABORT, 'I3: no row of cloud_answers is deleted'); END;
CREATE TRIGGER fix_cloud_answers BEFORE UPDATE ON cloud_answers
BEGIN SELECT RAISE(ABORT, 'cloud_answers is append-only'); END;
CREATE TRIGGER add_cloud_answers BEFORE INSERT ON cloud_answers
WHEN EXISTS (SELECT 1 FROM cloud_answers WHERE certificate = NEW.certificate AND line >= NEW.line)
  OR NOT EXISTS (SELECT 1 FROM audit WHERE seq = NEW.line AND event = 'asked the cloud')
BEGIN SELECT RAISE(ABORT, 'I10: what the cloud says is in the audit, once'); END;

DROP TRIGGER only_drawn_transitions;
CREATE TRIGGER only_drawn_transitions BEFORE UPDATE OF state ON identities WHEN NOT (OLD.state = NEW.state OR (OLD.state='CONSUMED' AND NEW.state='RETIRED') OR (OLD.state='IN_DOUBT' AND NEW.state='CONSUMED') OR (OLD.state='IN_DOUBT' AND NEW.state='RETIRED') OR (OLD.state='IN_DOUBT' AND NEW.state='WRITING') OR (OLD.state='READY' AND NEW.state='RESERVED') OR (OLD.state='READY' AND NEW.state='RETIRED') OR (OLD.state='READY' AND NEW.state='WITHHELD') OR (OLD.state='RESERVED' AND NEW.state='READY') OR (OLD.state='RESERVED' AND NEW.state='WRITING') OR (OLD.state='WITHHELD' AND NEW.state='READY') OR (OLD.state='WITHHELD' AND NEW.state='RETIRED') OR (OLD.state='WRITING' AND NEW.state='CONSUMED') OR (OLD.state='WRITING' AND NEW.state='IN_DOUBT')) BEGIN SELECT RAISE(ABORT, 'I7: this transition does not exist'); END;
CREATE TRIGGER never_back_from_a_board BEFORE UPDATE OF state ON identities
WHEN OLD.state = 'WITHHELD' AND NEW.state = 'READY' AND (
  EXISTS (SELECT 1 FROM found_on_boards WHERE identity = NEW.id)
  OR EXISTS (SELECT 1 FROM audit WHERE identity = NEW.id AND (event = 'found on a board' OR to_state = 'WRITING')))
BEGIN SELECT RAISE(ABORT, 'I1: what was on a board never comes back'); END;
CREATE TRIGGER back_after_the_cloud BEFORE UPDATE OF state ON identities
WHEN OLD.state = 'WITHHELD' AND NEW.state = 'READY'
 AND (SELECT source FROM batches WHERE id = OLD.batch) = 'cloud' AND EXISTS (
  SELECT 1 FROM certificates c LEFT JOIN cloud_answers w ON w.certificate = c.id
   AND w.line = (SELECT max(line) FROM cloud_answers WHERE certificate = c.id)
  WHERE c.identity = OLD.id AND (w.line IS NULL OR w.status > 0 OR w.line < coalesce(
    (SELECT seq FROM audit WHERE identity = OLD.id AND version = OLD.version), 0)))
BEGIN SELECT RAISE(ABORT, 'the cloud is asked before a withheld identity comes back'); END;
CREATE TRIGGER back_by_a_supervisor BEFORE UPDATE OF state ON identities
WHEN OLD.state = 'WITHHELD' AND NEW.state = 'READY' AND NOT EXISTS (
  SELECT 1 FROM audit WHERE identity = NEW.id AND version = NEW.version AND event = 'let back'
  AND length(trim(json_extract(detail, '$.why'))) > 0 AND length(trim(json_extract(detail, '$.by'))) > 0)
BEGIN SELECT RAISE(ABORT, 'I10: a withheld identity comes back only by a supervisor, with a reason'); END;
