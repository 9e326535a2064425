-- SPDX-License-Identifier: GPL-3.0-or-later
-- A profile that writes productSecret finds the next certificate that has one, however many wait before it without.

CREATE INDEX certificates_with_product_secret ON certificates(product_key, identity) WHERE product_secret IS NOT NULL;
