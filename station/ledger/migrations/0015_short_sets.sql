-- SPDX-License-Identifier: GPL-3.0-or-later
-- A camera of an opened set that was retired never comes. A supervisor may say that its NVR goes out without it; a camera
-- that is retired later needs a word of its own.

CREATE TABLE cameras_left_out (
  camera     INTEGER PRIMARY KEY REFERENCES identities(id),
  decided_by TEXT NOT NULL,
  reason     TEXT NOT NULL CHECK (reason <> ''),
  decided_at TEXT NOT NULL
);
CREATE TRIGGER only_a_retired_camera_is_left_out BEFORE INSERT ON cameras_left_out
  WHEN NOT EXISTS (SELECT 1 FROM identities c JOIN identities n ON n.id = c.set_of WHERE c.id = NEW.camera
    AND c.kind = 'nvr-member' AND c.channel > 0 AND c.state = 'RETIRED' AND n.state IN ('READY','WITHHELD'))
    OR EXISTS (SELECT 1 FROM cameras_left_out WHERE camera = NEW.camera)
  BEGIN SELECT RAISE(ABORT, 'only a retired camera of an NVR that is on no board is left out, once'); END;
CREATE TRIGGER keep_cameras_left_out BEFORE DELETE ON cameras_left_out
  BEGIN SELECT RAISE(ABORT, 'I3: no row of cameras_left_out is deleted'); END;
CREATE TRIGGER fix_cameras_left_out BEFORE UPDATE ON cameras_left_out
  BEGIN SELECT RAISE(ABORT, 'a word about a camera stays'); END;

CREATE TRIGGER an_nvr_waits_for_its_cameras BEFORE UPDATE OF state ON identities
  WHEN OLD.state = 'READY' AND NEW.state = 'RESERVED' AND OLD.kind = 'nvr-member' AND OLD.channel = 0 AND EXISTS
    (SELECT 1 FROM identities c WHERE c.set_of = OLD.id AND c.channel > 0 AND c.state <> 'CONSUMED'
      AND NOT (c.state = 'RETIRED' AND EXISTS (SELECT 1 FROM cameras_left_out WHERE camera = c.id)))
  BEGIN SELECT RAISE(ABORT, 'an NVR is flashed when all its cameras are done or left out'); END;
