/* SPDX-License-Identifier: 0BSD */
/* AliOS Things' command line. Two generations of `linkkey`: the optional number comes last in A and first in B. */
#include "bytes.h"
#include "dialects.h"
#include "kv.h"

#define WORDS 6u

static bool put(char **word)
{
    return kv_put(&(struct kv_change){{word[0], word[1], word[2], word[3]}});
}

/* The vendor's own extra dot ends each value. */
static void say_value(struct console *c, const char *name, enum identity_field field)
{
    console_say(c, name);
    dialect_say_fields(c, "", &field, 1);
    console_say(c, ".\r\n");
}

/* The vendor's own repeats the line, secret and all: the station must live with that, and so must its logs. */
static void say_refused(struct console *c, char **word, uint32_t words)
{
    console_say(c, "Error:");
    for (uint32_t i = 0; i < words && i < WORDS; i++) {
        console_say(c, " ");
        console_say(c, word[i]);
    }
    console_say(c, "\r\n");
}

static void linkkey_a(struct console *c, char **word, uint32_t words)
{
    if (words == 1) {
        say_value(c, "Product Key=", FIELD_PK);
        say_value(c, "Device Name=", FIELD_DN);
        say_value(c, "Device Secret=", FIELD_DS);
        say_value(c, "Product Secret=", FIELD_PS);
    } else if ((words == 5 || (words == 6 && text_equal(word[5], CONSOLE_PRODUCT_ID))) && put(word + 1)) {
        console_say(c, "Done"); /* without a line end */
    } else {
        say_refused(c, word, words);
    }
}

static void linkkey_b(struct console *c, char **word, uint32_t words)
{
    if (words == 1) {
        say_value(c, "PK=", FIELD_PK);
        say_value(c, "PS=", FIELD_PS);
        say_value(c, "DN=", FIELD_DN);
        say_value(c, "DS=", FIELD_DS);
    } else if (words == 6 && !text_equal(word[1], "0")) {
        console_say(c, "Err:devid range[0-0]\r\n");
    } else if ((words == 5 || words == 6) && put(word + words - 4)) {
        console_say(c, "Done\r\n");
    } else {
        console_say(c, "Params Err\r\n");
    }
}

static void run(struct console *c, char *line, void (*linkkey)(struct console *c, char **word, uint32_t words))
{
    char *command[4], *word[WORDS];
    uint32_t commands, words;

    for (char *at = line; *at; at++)
        if (*at == '"')
            *at = ' '; /* quotes only group, and no value has a space */
    commands = text_split(line, ';', command, 4);
    for (uint32_t i = 0; i < commands && i < 4; i++) {
        words = text_split(command[i], ' ', word, WORDS);
        if (words == 0)
            continue;
        if (text_equal(word[0], "linkkey")) {
            linkkey(c, word, words);
        } else if (text_equal(word[0], "reboot")) {
            console_restart(c);
        } else {
            console_say(c, "command '");
            console_say(c, word[0]);
            console_say(c, "' not found\r\n");
        }
    }
}

static void run_a(struct console *c, char *line)
{
    run(c, line, linkkey_a);
}

static void run_b(struct console *c, char *line)
{
    run(c, line, linkkey_b);
}

#define ALIOS .banner = "WELCOME TO ALIOS\r\n", .prompt = "\r\n# ", .overflow = "Error: input buffer overflow\r\n", \
              .ends = "\r\n", .line_limit = 128, .echo = true

const struct dialect dialect_alios_linkkey_a = {ALIOS, .run = run_a};
const struct dialect dialect_alios_linkkey_b = {ALIOS, .run = run_b};
