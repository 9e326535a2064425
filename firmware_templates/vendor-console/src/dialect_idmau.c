/* SPDX-License-Identifier: 0BSD */
/* Alibaba's direct AT firmware, and the W800 variant with the product's id as a fifth value. */
#include "bytes.h"
#include "dialects.h"
#include "kv.h"

static const enum identity_field order[] = {FIELD_PK, FIELD_DN, FIELD_DS, FIELD_PS};

static void write(struct console *c, char *values, uint32_t count)
{
    char *value[5];
    bool good = text_quoted(values, value, count) && (count == 4 || text_equal(value[4], CONSOLE_PRODUCT_ID)) &&
                kv_put(&(struct kv_change){{value[0], value[1], value[2], value[3]}});

    console_say(c, good ? AT_OK : "\r\n+CME ERROR:50\r\n");
}

/* True when the line was one that both firmwares have. */
static bool common(struct console *c, char *line, uint32_t count)
{
    char *values = text_after(line, "AT+IDMAU=");

    if (text_equal(line, "AT")) {
        console_say(c, AT_OK);
    } else if (text_equal(line, "AT+REBOOT")) {
        console_say(c, AT_OK);
        console_restart(c);
    } else if (values) {
        write(c, values, count);
    } else {
        return false;
    }
    return true;
}

static void run(struct console *c, char *line)
{
    if (common(c, line, 4))
        return;
    if (text_equal(line, "AT+IDMAU?")) {
        console_say(c, "\r\n+IDMAU:");
        dialect_say_fields(c, ",", order, 4);
        console_say(c, AT_OK);
    } else {
        console_say(c, AT_ERROR);
    }
}

static void run_w800(struct console *c, char *line)
{
    if (common(c, line, 5))
        return;
    if (text_equal(line, "AT+IDMAU?")) {
        console_say(c, "OK+IDMAU:");
        dialect_say_fields(c, ",", order, 4);
        console_say(c, "," CONSOLE_PRODUCT_ID "\r\n");
    } else {
        console_say(c, AT_ERROR);
    }
}

#define IDMAU .banner = "", .prompt = "", .overflow = AT_ERROR, .ends = "\r", .line_limit = 256, .echo = true

const struct dialect dialect_at_idmau = {IDMAU, .run = run};
const struct dialect dialect_at_idmau_w800 = {IDMAU, .run = run_w800};
