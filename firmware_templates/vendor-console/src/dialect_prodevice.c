/* SPDX-License-Identifier: 0BSD */
/* Hi-Flying modules: +ok and +error; a deviceName that was never set reads back as the MAC. */
#include "bytes.h"
#include "dialects.h"
#include "kv.h"

#define MAC_DIGITS 12u
#define OK "+ok\r\n\r\n"

/* The last twelve digits of the board's uid. */
static void say_mac(struct console *c)
{
    const char *uid = c->board->uid;
    uint32_t n = 0;

    while (uid[n])
        n++;
    for (uid += n > MAC_DIGITS ? n - MAC_DIGITS : 0; *uid; uid++) {
        char one[2] = {*uid >= 'a' && *uid <= 'f' ? (char)(*uid - 'a' + 'A') : *uid, 0};
        console_say(c, one);
    }
}

static void say_device(struct console *c)
{
    static const enum identity_field key = FIELD_PK, name = FIELD_DN, secret = FIELD_DS;
    char set[FIELD_MAX + 1];

    console_say(c, "+ok=");
    dialect_say_fields(c, "", &key, 1);
    console_say(c, ",");
    if (kv_get(FIELD_DN, set))
        dialect_say_fields(c, "", &name, 1);
    else
        say_mac(c);
    console_say(c, ",");
    dialect_say_fields(c, "", &secret, 1);
    console_say(c, "\r\n\r\n");
}

static void say_result(struct console *c, bool right_count, bool kept)
{
    console_say(c, !right_count ? "+error=-3\r\n\r\n" : kept ? OK : "+error=-4\r\n\r\n");
}

static void run(struct console *c, char *line)
{
    static const enum identity_field product_secret = FIELD_PS;
    char *device = text_after(line, "AT+PRODEVICE="), *secret = text_after(line, "AT+PROSECRET="), *value[3];

    if (device) {
        bool three = text_split(device, ',', value, 3) == 3;
        say_result(c, three, three && kv_put(&(struct kv_change){{value[0], value[1], value[2], NULL}}));
    } else if (secret) {
        bool one = text_split(secret, ',', value, 1) == 1;
        say_result(c, one, one && kv_put(&(struct kv_change){{NULL, NULL, NULL, secret}}));
    } else if (text_equal(line, "AT")) {
        console_say(c, OK);
    } else if (text_equal(line, "AT+WSMAC")) {
        console_say(c, "+ok=");
        say_mac(c);
        console_say(c, "\r\n\r\n");
    } else if (text_equal(line, "AT+PRODEVICE")) {
        say_device(c);
    } else if (text_equal(line, "AT+PROSECRET")) {
        console_say(c, "+ok=");
        dialect_say_fields(c, "", &product_secret, 1);
        console_say(c, "\r\n\r\n");
    } else if (text_equal(line, "AT+Z")) {
        console_say(c, OK);
        console_restart(c);
    } else {
        console_say(c, "+error\r\n\r\n");
    }
}

const struct dialect dialect_hiflying_prodevice = {
    .banner = "", .prompt = "", .overflow = "+error\r\n\r\n", .ends = "\r", .line_limit = 256,
    .echo = true, .run = run,
};
