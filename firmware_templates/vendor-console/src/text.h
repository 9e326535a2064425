/* SPDX-License-Identifier: 0BSD */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* What follows `prefix` in `text`; NULL when it does not begin so. */
char *text_after(char *text, const char *prefix);
/* Cuts at `separator`, in place. The number of parts, which may exceed `most`; only so many are kept. Empty parts are parts,
 * unless the separator is a space. */
uint32_t text_split(char *text, char separator, char **part, uint32_t most);
/* Cuts `"a","b"` into its values. False when it is not exactly that, `count` times. */
bool text_quoted(char *text, char **value, uint32_t count);
/* Decimal digits, nothing else, at most four. */
bool text_number(const char *text, uint32_t *number);
/* Decodes hex in place into a text; either case. False: not hex, or a zero byte. */
bool text_unhex(char *text);

#endif
