/* SPDX-License-Identifier: 0BSD */
/* Espressif's ESP-AT: the value follows as raw bytes behind “>”. Only the keys of esp-aliyun exist here. */
#include "bytes.h"
#include "dialects.h"
#include "kv.h"

#define NAMESPACE "aliyun-key"

static enum identity_field wanted; /* what the raw bytes are for */

static bool field_of(const char *key, enum identity_field *field)
{
    static const char *const keys[FIELD_COUNT] = {"ProductKey", "DeviceName", "DeviceSecret", "ProductSecret"};

    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if (text_equal(key, keys[i])) {
            *field = (enum identity_field)i;
            return true;
        }
    return false;
}

static void keep(struct console *c, char *data)
{
    struct kv_change change = {{0}};

    change.value[wanted] = data;
    console_say(c, kv_put(&change) ? AT_OK : AT_ERROR);
}

/* `"ns","key",7,n`; 7 is the type of a string. */
static bool begin_write(struct console *c, char *arguments)
{
    char *part[4], *name[2];
    uint32_t n;

    if (text_split(arguments, ',', part, 4) != 4 || !text_equal(part[2], "7") || !text_number(part[3], &n) ||
        !text_quoted(part[0], name, 1) || !text_equal(name[0], NAMESPACE) || !text_quoted(part[1], name + 1, 1) ||
        !field_of(name[1], &wanted) || n == 0 || n > identity_field_max(wanted))
        return false;
    console_say(c, "\r\n>");
    console_take_raw(c, n, keep);
    return true;
}

static bool read(struct console *c, char *arguments)
{
    char *name[2], value[FIELD_MAX + 1];
    enum identity_field field;
    uint32_t n;

    if (!text_quoted(arguments, name, 2) || !text_equal(name[0], NAMESPACE) || !field_of(name[1], &field))
        return false;
    n = kv_get(field, value);
    if (n == 0)
        return false;
    console_say(c, "+SYSMFG:\"" NAMESPACE "\",\"");
    console_say(c, name[1]);
    console_say(c, "\",7,");
    console_say_number(c, n);
    console_say(c, ",");
    console_say(c, value);
    console_say(c, "\r\n" AT_OK);
    bytes_wipe(value, sizeof value);
    return true;
}

static void say_mac(struct console *c)
{
    const char *uid = c->board->uid;
    uint32_t n = 0;

    while (uid[n])
        n++;
    console_say(c, "+CIPSTAMAC:\"");
    for (uint32_t at = n > 12 ? n - 12 : 0, done = 0; at < n; at++, done++) {
        char piece[3] = {':', uid[at], 0};
        console_say(c, done && done % 2 == 0 ? piece : piece + 1);
    }
    console_say(c, "\"\r\n" AT_OK);
}

static void run(struct console *c, char *line)
{
    char *to_write = text_after(line, "AT+SYSMFG=2,"), *to_read = text_after(line, "AT+SYSMFG=1,");

    if (text_equal(line, "AT") || text_equal(line, "ATE0")) {
        c->echo = c->echo && line[2] == 0;
        console_say(c, AT_OK);
    } else if (text_equal(line, "AT+CIPSTAMAC?")) {
        say_mac(c);
    } else if (text_equal(line, "AT+RST")) {
        console_say(c, AT_OK);
        console_restart(c);
    } else if (!(to_write && begin_write(c, to_write)) && !(to_read && read(c, to_read))) {
        console_say(c, AT_ERROR);
    }
}

const struct dialect dialect_esp_at_sysmfg = {
    .banner = "\r\nready\r\n", .prompt = "", .overflow = AT_ERROR, .ends = "\n", .line_limit = 256, .echo = true,
    .run = run,
};
