/* SPDX-License-Identifier: 0BSD */
#include "dialects.h"

#include "bytes.h"
#include "kv.h"

void dialect_say_fields(struct console *c, const char *between, const enum identity_field *fields, uint32_t n)
{
    char value[FIELD_MAX + 1];

    for (uint32_t i = 0; i < n; i++) {
        console_say(c, i ? between : "");
        kv_get(fields[i], value);
        console_say(c, value);
    }
    bytes_wipe(value, sizeof value);
}
