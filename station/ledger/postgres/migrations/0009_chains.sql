-- SPDX-License-Identifier: GPL-3.0-or-later
-- An audit chain for each bench, so that commits do not queue for the foot of one, and a chain over their heads. Lines
-- that were copied here from a bench's file are in a chain without a name.

ALTER TABLE audit ADD COLUMN chain TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX audit_of_chain ON audit(chain, seq) WHERE chain <> '';

ALTER TABLE foretold ADD COLUMN chain TEXT COLLATE "C" NOT NULL DEFAULT '';
