/* SPDX-License-Identifier: 0BSD */
/* MXCHIP EMW modules with ILOP firmware: PK,PS,DS,DN. Echo can be switched off until the next start. */
#include "bytes.h"
#include "dialects.h"
#include "kv.h"

static const enum identity_field order[] = {FIELD_PK, FIELD_PS, FIELD_DS, FIELD_DN};

static void run(struct console *c, char *line)
{
    char *values = text_after(line, "AT+ILOPSET="), *value[4];

    if (text_equal(line, "AT")) {
        console_say(c, AT_OK);
    } else if (text_equal(line, "AT+UARTE=OFF")) {
        c->echo = false;
        console_say(c, AT_OK);
    } else if (text_equal(line, "AT+REBOOT")) {
        console_say(c, AT_OK);
        console_restart(c);
    } else if (text_equal(line, "AT+ILOPSET?")) {
        console_say(c, "\r\n+ILOPSET:");
        dialect_say_fields(c, ",", order, 4);
        console_say(c, AT_OK);
    } else if (values && text_split(values, ',', value, 4) == 4 &&
               kv_put(&(struct kv_change){{value[0], value[3], value[2], value[1]}})) {
        console_say(c, AT_OK);
    } else {
        console_say(c, AT_ERROR);
    }
}

const struct dialect dialect_mxchip_ilopset = {
    .banner = "", .prompt = "", .overflow = AT_ERROR, .ends = "\r", .line_limit = 256,
    .echo = true, .run = run,
};
