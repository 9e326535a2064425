-- SPDX-License-Identifier: GPL-3.0-or-later
-- No disk is waited for when an identity is reserved. A reservation that a power cut took had a number which is given out
-- again, maybe to another bench: what is written is what is reserved for this board, in this slot, by this session.

DROP FUNCTION write_at_once;
CREATE FUNCTION write_at_once(bench bigint, its_chain text, who text, moment text, visit text, promised text,
  its_id bigint, its_attempt bigint, board text, at_slot text, session text, OUT line bigint, OUT line_hash text,
  OUT board_uid text, OUT kind text, OUT channel bigint, OUT product_key text, OUT device_name text, OUT content bytea)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  its_version bigint;
  its_slot text;
  said record;
BEGIN
  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL
    OR promised <> promised_now() THEN
    RETURN;
  END IF;
  SELECT i.version, i.board_uid, i.slot, i.kind, c.channel, c.product_key, c.device_name, c.content
    INTO its_version, board_uid, its_slot, kind, channel, product_key, device_name, content
    FROM identities i JOIN certificates c ON c.identity = i.id
    WHERE i.id = its_id AND i.state = 'RESERVED' AND i.attempt = its_attempt AND i.board_uid = board
      AND i.slot = at_slot AND i.owner = session AND i.size = 1
      AND (i.kind <> 'nvr-member' OR i.channel > 0)
      AND NOT EXISTS (SELECT 1 FROM locks l WHERE l.bench = '' AND l.scope = '')
      AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.product_key = c.product_key AND x.device_name = c.device_name
        AND x.decision IS NULL)
    FOR NO KEY UPDATE OF i;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  said := add_line(its_chain, moment, 'writing', who, its_id, its_version + 1, 'RESERVED', 'WRITING', its_attempt,
    board_uid, its_slot, '{"proof": {"names": ' || to_json(product_key || '/' || device_name) || ', "v": 2}}', visit);
  UPDATE identities i SET state = 'WRITING', version = i.version + 1, changed_at = moment WHERE i.id = its_id;
  line := said.line;
  line_hash := said.line_hash;
END $$;
