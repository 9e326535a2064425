-- SPDX-License-Identifier: GPL-3.0-or-later
-- What is in doubt may be given its product's secret as well: after a recovery it came anew without, and the board that
-- it is on has it. It goes to no other board, and what a profile that writes none was given stays as it was.

DROP TRIGGER certificates_are_as_issued;
CREATE TRIGGER certificates_are_as_issued BEFORE UPDATE ON certificates WHEN
  NEW.id <> OLD.id OR NEW.channel <> OLD.channel OR NEW.product_key <> OLD.product_key
  OR NEW.device_name <> OLD.device_name
  OR ((NEW.iot_id <> OLD.iot_id OR NEW.device_id <> OLD.device_id OR NEW.node_id <> OLD.node_id
       OR NEW.cloud_status <> OLD.cloud_status OR NEW.content <> OLD.content
       OR (NEW.secret IS NOT OLD.secret AND NEW.secret IS NOT NULL)
       OR (NEW.product_secret IS NOT OLD.product_secret AND NEW.product_secret IS NOT NULL
           AND NOT (OLD.product_secret IS NULL AND NEW.secret IS OLD.secret AND NEW.identity = OLD.identity
             AND (SELECT state FROM identities WHERE id = OLD.identity) IN ('READY','WITHHELD','IN_DOUBT'))))
      AND NOT (NEW.content <> OLD.content AND NEW.identity = OLD.identity AND NEW.secret IS NOT NULL
        AND (SELECT state FROM identities WHERE id = OLD.identity) = 'WITHHELD'
        AND EXISTS (SELECT 1 FROM conflicts WHERE (product_key, device_name, content)
          = (OLD.product_key, OLD.device_name, NEW.content) AND decision = 'kept')
        AND EXISTS (SELECT 1 FROM conflicts WHERE (product_key, device_name, content)
          = (OLD.product_key, OLD.device_name, OLD.content) AND decision = 'refused')))
BEGIN SELECT RAISE(ABORT, 'a certificate is as the cloud issued it'); END;
