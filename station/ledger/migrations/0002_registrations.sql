-- SPDX-License-Identifier: GPL-3.0-or-later
-- Devices whose secret is made here, before the cloud hears of them.

CREATE TABLE registrations (
  id           INTEGER PRIMARY KEY,
  batch_id     TEXT NOT NULL,
  identity     INTEGER NOT NULL,             -- numbers identities within the batch; an NVR set has several rows
  channel      INTEGER NOT NULL CHECK (channel BETWEEN 0 AND 255),
  kind         TEXT NOT NULL CHECK (kind IN ('single','nvr-set')),
  product_key  TEXT NOT NULL,
  device_name  TEXT NOT NULL,
  node_id      TEXT NOT NULL,
  gateway_id   TEXT NOT NULL,
  mark         TEXT NOT NULL UNIQUE,
  secret       BLOB,                         -- sealed; NULL once it is a certificate's, or nobody's
  state        TEXT NOT NULL DEFAULT 'PLANNED' CHECK (state IN ('PLANNED','DONE','TAKEN')),
  changed_at   TEXT NOT NULL,
  UNIQUE (product_key, device_name),
  CHECK ((state = 'PLANNED') = (secret IS NOT NULL))
);

CREATE INDEX registrations_open ON registrations(batch_id, identity, channel) WHERE state = 'PLANNED';
CREATE TRIGGER keep_registrations BEFORE DELETE ON registrations
  BEGIN SELECT RAISE(ABORT, 'I3: no row of registrations is deleted'); END;
CREATE TRIGGER add_registrations BEFORE INSERT ON registrations
  WHEN EXISTS (SELECT 1 FROM registrations WHERE id = NEW.id OR mark = NEW.mark
               OR (product_key = NEW.product_key AND device_name = NEW.device_name))
  BEGIN SELECT RAISE(ABORT, 'I3: registrations: UNIQUE'); END;
CREATE TRIGGER fix_registrations BEFORE UPDATE ON registrations
  WHEN NEW.id <> OLD.id OR NEW.mark <> OLD.mark OR NEW.product_key <> OLD.product_key
    OR NEW.device_name <> OLD.device_name OR OLD.state <> 'PLANNED'
  BEGIN SELECT RAISE(ABORT, 'a registration keeps its names and its end'); END;
