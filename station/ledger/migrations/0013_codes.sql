-- SPDX-License-Identifier: GPL-3.0-or-later
-- Why an identity is where it is: an error code of its own, and the text behind it. Until now the code was the beginning
-- of the text, or was missing where the text alone said what it was. A supervisor's own words, on what is RETIRED, stay.

ALTER TABLE identities ADD COLUMN code TEXT CHECK (code GLOB 'E[0-9][0-9][0-9]');

DROP TRIGGER changes_are_versioned;
DROP TRIGGER changes_are_audited;
UPDATE identities SET code = substr(reason, 1, 4), reason = substr(reason, 6)
WHERE state <> 'RETIRED' AND reason GLOB 'E[0-9][0-9][0-9] *';
UPDATE identities SET code = CASE
  WHEN reason = 'two sources disagree about it' THEN 'E619'
  WHEN reason GLOB 'found on board *' THEN 'E705'
  WHEN reason GLOB 'status * in the cloud *' THEN 'E617'
  WHEN reason GLOB 'came without a status: *' THEN 'E618' END
WHERE state = 'WITHHELD' AND code IS NULL;
CREATE TRIGGER changes_are_versioned BEFORE UPDATE ON identities WHEN NEW.version <> OLD.version + 1 BEGIN SELECT RAISE(ABORT, 'I6: each change of an identity is one version'); END;
CREATE TRIGGER changes_are_audited BEFORE UPDATE ON identities WHEN NOT EXISTS (SELECT 1 FROM audit a WHERE a.identity = NEW.id AND a.version = NEW.version AND a.from_state = OLD.state AND a.to_state = NEW.state AND a.attempt = NEW.attempt AND a.board_uid IS NEW.board_uid) BEGIN SELECT RAISE(ABORT, 'I10: no transition without its audit line'); END;
