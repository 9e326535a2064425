-- SPDX-License-Identifier: GPL-3.0-or-later
-- What is next of one batch is one index step, however much of it is on boards and whatever else is in stock.

CREATE INDEX ready_of_batch ON identities(batch, product_key, kind, set_of, id) WHERE state = 'READY';
