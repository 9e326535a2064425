/* SPDX-License-Identifier: 0BSD */
/*
 * Nordic's modem credentials: type 4 is “deviceName&productKey”, type 3 the deviceSecret in hex. Of a secret only the SHA-256
 * of what was written is told. One security tag, the product's own.
 */
#include "bytes.h"
#include "dialects.h"
#include "kv.h"
#include "sha256.h"

#ifndef CONSOLE_SEC_TAG
#define CONSOLE_SEC_TAG "16842753"
#endif
#define CONTENT_MAX (2u * FIELD_DS_MAX + 1u)
_Static_assert(CONTENT_MAX < FIELD_MAX + FIELD_PK_MAX, "content() has room for either type");

static bool write_identity(char *content)
{
    char *part[2];
    return text_split(content, '&', part, 2) == 2 && part[0][0] && part[1][0] &&
           kv_put(&(struct kv_change){{part[1], part[0], NULL, NULL}});
}

static bool write_secret(char *content)
{
    return content[0] && text_unhex(content) && kv_put(&(struct kv_change){{NULL, NULL, content, NULL}});
}

static void write(struct console *c, char *arguments)
{
    char *part[3], *content[1];

    if (text_split(arguments, ',', part, 3) != 3 || !text_equal(part[0], CONSOLE_SEC_TAG) ||
        !text_quoted(part[2], content, 1))
        console_say(c, AT_ERROR);
    else if (c->active)
        console_say(c, "\r\n+CME ERROR: 518\r\n");
    else if (text_equal(part[1], "4") ? write_identity(content[0])
                                      : text_equal(part[1], "3") && write_secret(content[0]))
        console_say(c, AT_OK);
    else
        console_say(c, "\r\n+CME ERROR: 514\r\n");
}

/* What was written for the type, again; its length, 0 when nothing was. */
static uint32_t content(char type, char to[FIELD_MAX + FIELD_PK_MAX + 2])
{
    char value[FIELD_MAX + 1];
    uint32_t n = 0, length;

    if (type == '4') {
        if (!kv_get(FIELD_DN, to) || !kv_get(FIELD_PK, value))
            return 0;
        while (to[n])
            n++;
        to[n++] = '&';
        for (const char *from = value; *from;)
            to[n++] = *from++;
    } else {
        length = kv_get(FIELD_DS, value);
        for (uint32_t i = 0; i < length; i++) {
            to[n++] = "0123456789abcdef"[(uint8_t)value[i] >> 4];
            to[n++] = "0123456789abcdef"[(uint8_t)value[i] & 15];
        }
    }
    to[n] = 0;
    bytes_wipe(value, sizeof value);
    return n;
}

static void say_credential(struct console *c, const char *type, const char *text, uint32_t n, bool whole)
{
    uint8_t digest[SHA256_SIZE];
    struct sha256 hash;

    sha256_begin(&hash);
    sha256_add(&hash, text, n);
    sha256_end(&hash, digest);
    console_say(c, "\r\n%CMNG: " CONSOLE_SEC_TAG ",");
    console_say(c, type);
    console_say(c, ",\"");
    console_say_hex(c, digest, sizeof digest, true);
    if (whole) {
        console_say(c, "\",\"");
        console_say(c, text);
    }
    console_say(c, "\"" AT_OK);
}

/* Operation 1 lists by hash, 2 reads; a secret cannot be read. */
static void tell(struct console *c, bool whole, char *arguments)
{
    char *part[2], text[FIELD_MAX + FIELD_PK_MAX + 2];
    uint32_t n;

    if (text_split(arguments, ',', part, 2) != 2 || !text_equal(part[0], CONSOLE_SEC_TAG) ||
        !(text_equal(part[1], "3") || text_equal(part[1], "4"))) {
        console_say(c, AT_ERROR);
        return;
    }
    n = content(part[1][0], text);
    if (n == 0)
        console_say(c, whole ? "\r\n+CME ERROR: 513\r\n" : AT_OK);
    else if (whole && part[1][0] == '3')
        console_say(c, "\r\n+CME ERROR: 514\r\n");
    else
        say_credential(c, part[1], text, n, whole);
    bytes_wipe(text, sizeof text);
}

/* Fifteen digits: those of the uid's end, each modulo ten. */
static void say_imei(struct console *c)
{
    const char *uid = c->board->uid;
    uint32_t n = 0;

    while (uid[n])
        n++;
    console_say(c, "\r\n+CGSN: \"");
    for (uint32_t at = n > 15 ? n - 15 : 0; at < n; at++)
        console_say_number(c, (uint32_t)(uid[at] <= '9' ? uid[at] - '0' : (uid[at] - 'a') % 10));
    console_say(c, "\"" AT_OK);
}

static void run(struct console *c, char *line)
{
    char *to_write = text_after(line, "AT%CMNG=0,"), *to_list = text_after(line, "AT%CMNG=1,"),
         *to_read = text_after(line, "AT%CMNG=2,");

    if (text_equal(line, "AT") || text_equal(line, "AT+CFUN=4")) {
        c->active = c->active && line[2] == 0;
        console_say(c, AT_OK);
    } else if (text_equal(line, "AT+CGSN=1")) {
        say_imei(c);
    } else if (text_equal(line, "AT#XRESET")) {
        console_say(c, AT_OK);
        console_restart(c);
    } else if (to_write) {
        write(c, to_write);
    } else if (to_list || to_read) {
        tell(c, to_read != NULL, to_read ? to_read : to_list);
    } else {
        console_say(c, AT_ERROR);
    }
}

const struct dialect dialect_nordic_cmng = {
    .banner = "Ready\r\n", .prompt = "", .overflow = AT_ERROR, .ends = "\n", .line_limit = 256, .echo = false, .run = run,
};
