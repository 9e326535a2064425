-- SPDX-License-Identifier: GPL-3.0-or-later
-- A WHEN that comes to NULL does not fire: what was kept could be made undecided again.

DROP TRIGGER fix_conflicts;
CREATE TRIGGER fix_conflicts BEFORE UPDATE ON conflicts WHEN
  NEW.product_key <> OLD.product_key OR NEW.device_name <> OLD.device_name OR NEW.content <> OLD.content
  OR NEW.batch <> OLD.batch OR NEW.seen_at <> OLD.seen_at
  OR (OLD.decision IS NOT NULL AND NOT (OLD.decision = 'kept' AND NEW.decision IS 'refused'))
  OR (NEW.decision IS NULL AND OLD.secret IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'what arrived is kept as it came, and is decided once'); END;
