/* SPDX-License-Identifier: 0BSD */
#include "text.h"

#include <stddef.h>

char *text_after(char *text, const char *prefix)
{
    for (; *prefix; prefix++)
        if (*text++ != *prefix)
            return NULL;
    return text;
}

uint32_t text_split(char *text, char separator, char **part, uint32_t most)
{
    uint32_t n = 0;

    for (char *start = text;; text++) {
        char c = *text;
        if (c && c != separator)
            continue;
        *text = 0;
        if (separator != ' ' || text > start) {
            if (n < most)
                part[n] = start;
            n++;
        }
        start = text + 1;
        if (!c)
            return n;
    }
}

bool text_quoted(char *text, char **value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i && *text++ != ',')
            return false;
        if (*text++ != '"')
            return false;
        for (value[i] = text; *text != '"'; text++)
            if (!*text)
                return false;
        *text++ = 0;
    }
    return *text == 0;
}

bool text_number(const char *text, uint32_t *number)
{
    uint32_t digits = 0;

    for (*number = 0; text[digits]; digits++) {
        if (digits == 4 || text[digits] < '0' || text[digits] > '9')
            return false;
        *number = 10 * *number + (uint32_t)(text[digits] - '0');
    }
    return digits > 0;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_unhex(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from += 2) {
        int high = nibble(from[0]), low = high < 0 ? -1 : nibble(from[1]);
        if (low < 0 || (high | low) == 0)
            return false;
        *to++ = (char)(high << 4 | low);
    }
    *to = 0;
    return true;
}
