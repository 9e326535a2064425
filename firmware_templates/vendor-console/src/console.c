/* SPDX-License-Identifier: 0BSD */
#include "console.h"

#include "bytes.h"

#define BACKSPACE 0x08
#define DELETE 0x7f

static void log_line(struct console *c)
{
    static const char text[] = "]<I> wifi: rssi -61, OK=1 DS=? #\r\n";

    for (const char *at = "[    "; *at; at++)
        c->board->put((uint8_t)*at);
    for (uint32_t digit = 100; digit; digit /= 10)
        c->board->put((uint8_t)('0' + c->lines_said / digit % 10));
    for (const char *at = text; *at; at++)
        c->board->put((uint8_t)*at);
}

static bool log_is_due(uint32_t lines)
{
#if CONSOLE_LOG_EVERY > 0
    return lines % CONSOLE_LOG_EVERY == 0;
#else
    (void)lines;
    return false;
#endif
}

/* Logs come between lines, as from a task that waits for the UART; never inside one. */
void console_say(struct console *c, const char *text)
{
    for (; *text; text++) {
        c->board->put((uint8_t)*text);
        if (*text == '\n' && log_is_due(++c->lines_said))
            log_line(c);
    }
}

void console_say_number(struct console *c, uint32_t number)
{
    char digits[11], *at = digits + sizeof digits - 1;

    *at = 0;
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    console_say(c, at);
}

void console_say_hex(struct console *c, const void *bytes, uint32_t n, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    for (const uint8_t *b = bytes; n; n--, b++) {
        char pair[3] = {digits[*b >> 4], digits[*b & 15], 0};
        console_say(c, pair);
    }
}

void console_take_raw(struct console *c, uint32_t count, void (*done)(struct console *c, char *data))
{
    c->raw_wanted = count;
    c->raw_done = done;
}

void console_restart(struct console *c)
{
    bytes_wipe(c->line, sizeof c->line);
    c->board->reset();
}

void console_start(struct console *c, const struct dialect *dialect, const struct agent_board *board)
{
    static const uint8_t power_up[] = {0x00, 0xfe, 0x80}; /* what a UART sends while its pin finds its level */

    bytes_wipe(c, sizeof *c);
    c->dialect = dialect;
    c->board = board;
    c->echo = dialect->echo;
    c->active = true;
    for (unsigned i = 0; i < sizeof power_up; i++)
        board->put(power_up[i]);
    console_say(c, "boot rom v1.2\r\n");
    console_say(c, dialect->banner);
    console_say(c, dialect->prompt);
}

static uint32_t limit(const struct console *c)
{
    uint32_t most = CONSOLE_LINE_LIMIT ? CONSOLE_LINE_LIMIT : c->dialect->line_limit;
    return most < CONSOLE_LINE_MAX ? most : CONSOLE_LINE_MAX;
}

static bool ends_line(const struct console *c, uint8_t byte)
{
    for (const char *end = c->dialect->ends; *end; end++)
        if (byte == (uint8_t)*end)
            return true;
    return false;
}

static void take_line(struct console *c)
{
    bool too_long = c->length > limit(c);

    if (c->echo)
        console_say(c, "\r\n");
    c->line[too_long ? 0 : c->length] = 0;
    c->length = 0;
    if (too_long)
        console_say(c, c->dialect->overflow);
    else if (c->line[0])
        c->dialect->run(c, c->line);
    if (!c->raw_wanted)
        console_say(c, c->dialect->prompt);
    bytes_wipe(c->line, sizeof c->line); /* it may have held a secret */
}

static void take_raw(struct console *c, uint8_t byte)
{
    c->line[c->length++] = (char)byte;
    if (c->length < c->raw_wanted)
        return;
    c->line[c->length] = 0;
    c->length = c->raw_wanted = 0;
    c->raw_done(c, c->line);
    bytes_wipe(c->line, sizeof c->line);
}

static void edit(struct console *c, uint8_t byte)
{
    if (byte == BACKSPACE || byte == DELETE) {
        if (c->length && c->length <= limit(c))
            c->line[--c->length] = 0;
        if (c->echo)
            console_say(c, "\b \b");
        return;
    }
    if (c->length < limit(c))
        c->line[c->length] = (char)byte;
    if (c->length <= limit(c))
        c->length++;
    if (c->echo)
        c->board->put(byte);
}

void console_take(struct console *c, uint8_t byte)
{
    if (c->raw_wanted)
        take_raw(c, byte);
    else if (ends_line(c, byte))
        take_line(c);
    else if (byte != '\r' && byte != '\n') /* the other half of a line end */
        edit(c, byte);
}
