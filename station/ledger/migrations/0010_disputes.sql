-- What two sources say differently of one name waits for a person, who may choose either. What arrived is kept sealed
-- until then; what was not chosen is destroyed and never comes back.
ALTER TABLE conflicts ADD COLUMN channel INTEGER;          -- NULL: nothing that could take the place of what is held
ALTER TABLE conflicts ADD COLUMN iot_id TEXT NOT NULL DEFAULT '';
ALTER TABLE conflicts ADD COLUMN device_id TEXT NOT NULL DEFAULT '';
ALTER TABLE conflicts ADD COLUMN node_id TEXT NOT NULL DEFAULT '';
ALTER TABLE conflicts ADD COLUMN cloud_status INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conflicts ADD COLUMN secret BLOB;              -- sealed; NULL once decided
ALTER TABLE conflicts ADD COLUMN product_secret BLOB;
ALTER TABLE conflicts ADD COLUMN decision TEXT CHECK (decision IS NULL OR
  (decision IN ('kept','refused') AND secret IS NULL AND product_secret IS NULL));
CREATE INDEX open_conflicts ON conflicts(batch) WHERE decision IS NULL;

DROP TRIGGER fix_conflicts;
CREATE TRIGGER fix_conflicts BEFORE UPDATE ON conflicts WHEN
  NEW.product_key <> OLD.product_key OR NEW.device_name <> OLD.device_name OR NEW.content <> OLD.content
  OR NEW.batch <> OLD.batch OR NEW.seen_at <> OLD.seen_at
  OR (OLD.decision IS NOT NULL AND NOT (OLD.decision = 'kept' AND NEW.decision = 'refused'))
  OR (NEW.decision IS NULL AND OLD.secret IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'what arrived is kept as it came, and is decided once'); END;
CREATE TRIGGER conflicts_arrive_undecided BEFORE INSERT ON conflicts WHEN NEW.decision = 'kept'
BEGIN SELECT RAISE(ABORT, 'nothing is chosen before it arrived'); END;

DROP TRIGGER certificates_are_as_issued;
CREATE TRIGGER certificates_are_as_issued BEFORE UPDATE ON certificates WHEN
  NEW.id <> OLD.id OR NEW.channel <> OLD.channel OR NEW.product_key <> OLD.product_key
  OR NEW.device_name <> OLD.device_name
  OR ((NEW.iot_id <> OLD.iot_id OR NEW.device_id <> OLD.device_id OR NEW.node_id <> OLD.node_id
       OR NEW.cloud_status <> OLD.cloud_status OR NEW.content <> OLD.content
       OR (NEW.secret IS NOT OLD.secret AND NEW.secret IS NOT NULL)
       OR (NEW.product_secret IS NOT OLD.product_secret AND NEW.product_secret IS NOT NULL))
      AND NOT (NEW.content <> OLD.content AND NEW.identity = OLD.identity AND NEW.secret IS NOT NULL
        AND (SELECT state FROM identities WHERE id = OLD.identity) = 'WITHHELD'
        AND EXISTS (SELECT 1 FROM conflicts WHERE (product_key, device_name, content)
          = (OLD.product_key, OLD.device_name, NEW.content) AND decision = 'kept')
        AND EXISTS (SELECT 1 FROM conflicts WHERE (product_key, device_name, content)
          = (OLD.product_key, OLD.device_name, OLD.content) AND decision = 'refused')))
BEGIN SELECT RAISE(ABORT, 'a certificate is as the cloud issued it'); END;

DROP TRIGGER secrets_end_with_the_identity;
CREATE TRIGGER secrets_end_with_the_identity BEFORE UPDATE OF secret, product_secret ON certificates WHEN
  (OLD.secret IS NOT NEW.secret OR OLD.product_secret IS NOT NEW.product_secret) AND OLD.content = NEW.content
  AND (SELECT state FROM identities WHERE id = OLD.identity) NOT IN ('CONSUMED','RETIRED')
BEGIN SELECT RAISE(ABORT, 'a secret is destroyed only after CONSUMED or RETIRED'); END;

CREATE TRIGGER nothing_disputed_goes_out BEFORE UPDATE OF state ON identities WHEN
  (OLD.state, NEW.state) IN (VALUES ('READY','RESERVED'), ('RESERVED','WRITING'), ('WITHHELD','READY'))
  AND EXISTS (SELECT 1 FROM certificates c JOIN conflicts x
    ON (x.product_key, x.device_name) = (c.product_key, c.device_name)
    WHERE c.identity = OLD.id AND x.decision IS NULL)
BEGIN SELECT RAISE(ABORT, 'what is disputed waits for a person'); END;
