/* SPDX-License-Identifier: 0BSD */
/* Zephyr's shell with the settings, hwinfo and kernel commands. Only the settings iot/… exist here. */
#include "bytes.h"
#include "dialects.h"
#include "kv.h"

#define ROW 16u

static bool field_of(const char *name, enum identity_field *field)
{
    static const char *const names[FIELD_COUNT] = {"iot/productKey", "iot/deviceName", "iot/deviceSecret",
                                                   "iot/productSecret"};

    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if (text_equal(name, names[i])) {
            *field = (enum identity_field)i;
            return true;
        }
    return false;
}

static void write(struct console *c, const char *name, char *hex)
{
    struct kv_change change = {{0}};
    enum identity_field field;

    if (!text_unhex(hex)) {
        console_say(c, "Failed to parse hex value\r\n");
        return;
    }
    if (field_of(name, &field))
        change.value[field] = hex;
    if (!field_of(name, &field) || !kv_put(&change))
        console_say(c, "Failed to write setting: -22\r\n");
}

/* Sixteen bytes a line, a gap after eight, the characters beside them. */
static void dump_row(struct console *c, uint32_t at, const char *row, uint32_t n)
{
    uint8_t address[4] = {(uint8_t)(at >> 24), (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at};

    console_say_hex(c, address, sizeof address, true);
    console_say(c, ": ");
    for (uint32_t i = 0; i < ROW; i++) {
        console_say(c, i == ROW / 2 ? " " : "");
        if (i < n)
            console_say_hex(c, row + i, 1, false);
        console_say(c, i < n ? " " : "   ");
    }
    console_say(c, "|");
    for (uint32_t i = 0; i < ROW; i++) {
        char one[2] = {i < n ? row[i] : ' ', 0};
        console_say(c, i == ROW / 2 ? " " : "");
        console_say(c, one[0] >= ' ' && one[0] < 0x7f ? one : ".");
    }
    console_say(c, "|\r\n");
}

static void read(struct console *c, const char *name)
{
    char value[FIELD_MAX + 1];
    enum identity_field field;
    uint32_t n = field_of(name, &field) ? kv_get(field, value) : 0;

    if (n == 0) {
        console_say(c, "Setting not found\r\n");
        return;
    }
    for (uint32_t at = 0; at < n; at += ROW)
        dump_row(c, at, value + at, n - at < ROW ? n - at : ROW);
    bytes_wipe(value, sizeof value);
}

static void say_uid(struct console *c)
{
    uint32_t n = 0;

    while (c->board->uid[n])
        n++;
    console_say(c, "Length: ");
    console_say_number(c, n / 2);
    console_say(c, "\r\nID: 0x");
    console_say(c, c->board->uid);
    console_say(c, "\r\n");
}

static void run(struct console *c, char *line)
{
    char *word[5];
    uint32_t words = text_split(line, ' ', word, 5);

    if (words == 0)
        return;
    if (text_equal(word[0], "settings")) {
        if (words == 4 && text_equal(word[1], "write"))
            write(c, word[2], word[3]);
        else if (words == 3 && text_equal(word[1], "read"))
            read(c, word[2]);
        else
            console_say(c, "settings: wrong parameter count\r\n");
    } else if (words == 2 && text_equal(word[0], "hwinfo") && text_equal(word[1], "devid")) {
        say_uid(c);
    } else if (words == 3 && text_equal(word[0], "kernel") && text_equal(word[1], "reboot")) {
        console_restart(c);
    } else {
        console_say(c, "\x1b[1;31m");
        console_say(c, word[0]);
        console_say(c, ": command not found\x1b[m\r\n");
    }
}

const struct dialect dialect_zephyr_settings = {
    .banner = "*** Booting Zephyr OS build v3.7.0 ***\r\n", .prompt = "\x1b[1;32muart:~$ \x1b[m", .overflow = "\r\n",
    .ends = "\r\n", .line_limit = 255, .echo = true, .run = run,
};
