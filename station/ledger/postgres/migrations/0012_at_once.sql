-- SPDX-License-Identifier: GPL-3.0-or-later
-- The usual steps of a board, one call each: the same statements, in the same order, that a bench sends one by one where
-- its ledger is a file. They work with the rights of whoever calls them, and every rule is asked as ever.
--
-- What is out of the ordinary (a lock, a server that promises something else by now, a dispute, an NVR, another state
-- than expected, an older spelling of the board) they leave as it is, and answer nothing: the bench goes statement by
-- statement then, and says what is in the way.
--
-- What was found is held until the transaction ends, so that it is moved by its number alone.

-- A move's line. What is hashed is JSON without spaces, as the bench makes it: texts are escaped alike, nothing is NULL.
-- The line before it: the index alone has a chain's lines in this order, and with the chain as a mere condition the
-- server may walk back through those of all benches.
CREATE FUNCTION add_line(its_chain text, its_moment text, its_event text, its_actor text, moved identities, becomes text,
  try bigint, board text, at_slot text, its_detail text, OUT line bigint, OUT line_hash text)
LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT last.hash INTO before FROM (SELECT a.chain, a.hash FROM audit a WHERE a.chain <> ''
    AND (a.chain, a.seq) <= (its_chain, 9223372036854775807) ORDER BY a.chain DESC, a.seq DESC LIMIT 1) AS last
    WHERE last.chain = its_chain;
  before := coalesce(before, repeat('0', 64));
  line := nextval('audit_seq_seq');
  line_hash := encode(sha256(convert_to('[2,' || concat_ws(',', to_json(its_chain), to_json(before), line,
    to_json(its_moment), to_json(its_event), to_json(its_actor), moved.id, moved.version + 1, to_json(moved.state),
    to_json(becomes), try, to_json(board), to_json(at_slot), to_json(its_detail)) || ']', 'UTF8')), 'hex');
  INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, slot, detail,
    previous, hash, chain) VALUES (line, its_moment, its_event, its_actor, moved.id, moved.version + 1, moved.state,
    becomes, try, board, at_slot, its_detail, before, line_hash, its_chain);
END $$;

-- What the server promises at this moment, as benches note it when they ask.
CREATE FUNCTION promised_now() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN current_setting('fsync') || current_setting('full_page_writes') || current_setting('synchronous_commit')
    || current_setting('synchronous_standby_names');
END $$;

-- READY → RESERVED: the oldest of these products that nobody has in hand. Its certificates, in their order. By the
-- queue's index whatever the server believes of the table: what it would sort is all that is READY.
CREATE FUNCTION reserve_at_once(bench bigint, its_chain text, who text, moment text, promised text, products text[], of_kind text,
  fewest bigint, most bigint, dressed bigint, board text, at_slot text, session text)
RETURNS TABLE (identity bigint, attempt bigint, provider text, kind text, line bigint, line_hash text, channel bigint,
  product_key text, device_name text, secret bytea, product_secret bytea, iot_id text, device_id text, node_id text,
  cloud_status bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_sort = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  one identities;
  next_one identities;
  product text;
  said record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1398030676, 1), pg_advisory_xact_lock(1398030677, bench::integer);
  IF promised <> promised_now() OR EXISTS (SELECT 1 FROM locks WHERE scope = '') THEN
    RETURN;
  END IF;
  FOREACH product IN ARRAY products LOOP
    SELECT i.* INTO next_one FROM identities i WHERE i.state = 'READY' AND i.product_key = product AND i.kind = of_kind
      AND i.set_of IS NULL AND i.size - 1 BETWEEN fewest AND most ORDER BY i.set_of, i.id LIMIT 1
      FOR NO KEY UPDATE SKIP LOCKED;
    IF one.id IS NULL OR next_one.id < one.id THEN
      one := next_one;
    END IF;
  END LOOP;
  IF one.id IS NULL OR (dressed <> 0 AND EXISTS (
      SELECT 1 FROM certificates c WHERE c.identity = one.id AND c.product_secret IS NULL)) THEN
    RETURN;
  END IF;
  said := add_line(its_chain, moment, 'reserved', who, one, 'RESERVED', one.attempt + 1, board, at_slot, '{}');
  UPDATE identities i SET state = 'RESERVED', version = i.version + 1, attempt = i.attempt + 1, changed_at = moment,
    board_uid = board, slot = at_slot, owner = session, reason = NULL, code = NULL WHERE i.id = one.id;
  RETURN QUERY SELECT one.id, one.attempt + 1, one.provider, one.kind, said.line, said.line_hash, c.channel,
    c.product_key, c.device_name, c.secret, c.product_secret, c.iot_id, c.device_id, c.node_id, c.cloud_status
    FROM certificates c WHERE c.identity = one.id ORDER BY c.channel;
END $$;

-- RESERVED → WRITING, of what is one certificate. What witnesses are told of it.
CREATE FUNCTION write_at_once(bench bigint, its_chain text, who text, moment text, promised text, its_id bigint,
  its_attempt bigint, OUT line bigint, OUT line_hash text, OUT board_uid text, OUT kind text, OUT channel bigint, OUT product_key text,
  OUT device_name text, OUT content bytea)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  one identities;
  said record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1398030676, 1), pg_advisory_xact_lock(1398030677, bench::integer);
  IF promised <> promised_now() OR EXISTS (SELECT 1 FROM locks WHERE scope = '') THEN
    RETURN;
  END IF;
  SELECT i.* INTO one FROM identities i WHERE i.id = its_id AND i.state = 'RESERVED' AND i.attempt = its_attempt
    AND i.size = 1 AND (i.kind <> 'nvr-member' OR i.channel > 0) FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT c.channel, c.product_key, c.device_name, c.content INTO channel, product_key, device_name, content
    FROM certificates c WHERE c.identity = its_id;
  IF EXISTS (SELECT 1 FROM conflicts x WHERE x.product_key = write_at_once.product_key
      AND x.device_name = write_at_once.device_name AND x.decision IS NULL) THEN
    RETURN;
  END IF;
  said := add_line(its_chain, moment, 'writing', who, one, 'WRITING', one.attempt, one.board_uid, one.slot,
    '{"proof": {"names": ' || to_json(write_at_once.product_key || '/' || write_at_once.device_name) || ', "v": 2}}');
  UPDATE identities i SET state = 'WRITING', version = i.version + 1, changed_at = moment WHERE i.id = its_id;
  line := said.line;
  line_hash := said.line_hash;
  board_uid := one.board_uid;
  kind := one.kind;
END $$;

-- WRITING → CONSUMED, of what is one certificate, with its evidence. Where it is destroyed, with its secrets gone.
CREATE FUNCTION consume_at_once(bench bigint, its_chain text, who text, moment text, its_id bigint, its_attempt bigint,
  board text, is_expected text, was_found text, by_method text, reset bigint, destroyed bigint, OUT line bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  one identities;
  name text;
  said record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1398030676, 1), pg_advisory_xact_lock(1398030677, bench::integer);
  SELECT i.* INTO one FROM identities i WHERE i.id = its_id AND i.state = 'WRITING' AND i.attempt = its_attempt
    AND i.size = 1 AND i.board_uid = board FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT c.product_key || '/' || c.device_name INTO name FROM certificates c WHERE c.identity = its_id;
  said := add_line(its_chain, moment, 'consumed', who, one, 'CONSUMED', one.attempt, board, one.slot,
    '{"after_reset": ' || (reset <> 0)::text || ', "method": ' || to_json(by_method) || ', "proof": {"expected": '
    || to_json(is_expected) || ', "found": ' || to_json(was_found) || ', "method": ' || to_json(by_method)
    || ', "names": ' || to_json(name) || ', "uid_after": ' || to_json(board) || ', "v": 2}}');
  UPDATE identities i SET state = 'CONSUMED', version = i.version + 1, changed_at = moment, owner = NULL,
    expected = is_expected, found = was_found, method = by_method, uid_after = board, reason = NULL, code = NULL
    WHERE i.id = its_id;
  IF destroyed <> 0 THEN
    UPDATE certificates c SET secret = NULL, product_secret = NULL WHERE c.identity = its_id;
  END IF;
  line := said.line;
END $$;
