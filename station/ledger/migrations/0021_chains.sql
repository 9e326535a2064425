-- SPDX-License-Identifier: GPL-3.0-or-later
-- A ledger of many benches has an audit chain for each, and a chain over their heads. A file's own has no name; what
-- was copied here from a line keeps the chains that it was written in.

ALTER TABLE audit ADD COLUMN chain TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_of_chain ON audit(chain, seq) WHERE chain <> '';

ALTER TABLE foretold ADD COLUMN chain TEXT NOT NULL DEFAULT '';
