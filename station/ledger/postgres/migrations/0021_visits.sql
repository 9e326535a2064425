-- SPDX-License-Identifier: GPL-3.0-or-later
-- A line of the audit that a board's step leaves says in which visit that was: `station.visit`, which whoever calls
-- sets for that call alone. Its name comes behind all others, as in the lines that benches write themselves.

CREATE OR REPLACE FUNCTION add_line(its_chain text, its_moment text, its_event text, its_actor text, moved identities, becomes text,
  try bigint, board text, at_slot text, its_detail text, OUT line bigint, OUT line_hash text)
LANGUAGE plpgsql AS $$
DECLARE
  before text;
  visit text := coalesce(current_setting('station.visit', true), '');
BEGIN
  IF visit <> '' THEN
    its_detail := left(its_detail, -1) || CASE its_detail WHEN '{}' THEN '' ELSE ', ' END || '"visit": ' || to_json(visit) || '}';
  END IF;
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
