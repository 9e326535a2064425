/* SPDX-License-Identifier: 0BSD */
#include "line.h"

#include "bytes.h"
#include "crc32.h"

#define CRC_DIGITS 8u
#define TAG_MAX 8u

static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

static int digit(char c, const char *digits)
{
    for (int i = 0; i < 16; i++)
        if (digits[i] == c)
            return i;
    return -1;
}

bool line_unhex(const char *text, uint8_t *bytes, uint32_t n)
{
    for (; n; n--, text += 2) {
        int high = digit(text[0], lower), low = high < 0 ? -1 : digit(text[1], lower);
        if (low < 0)
            return false;
        *bytes++ = (uint8_t)(high << 4 | low);
    }
    return *text == 0;
}

bool line_small_number(const char *text, uint32_t *number)
{
    uint32_t value = 0, digits = 0;

    for (; text[digits]; digits++) {
        if (digits == 3 || text[digits] < '0' || text[digits] > '9')
            return false;
        value = 10 * value + (uint32_t)(text[digits] - '0');
    }
    *number = value;
    return digits > 0 && (digits == 1 || text[0] != '0');
}

static bool is_plain(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' ||
           c == ':' || c == '-';
}

/* UTF-8 without a 0: what a product takes as a C string, and can print. */
static bool is_text(const uint8_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n;) {
        uint8_t first = b[i++], low = 0x80, high = 0xbf;
        uint32_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;

        if (!first || (first >= 0x80 && first < 0xc2) || first > 0xf4 || n - i < more)
            return false;
        if (first == 0xe0 || first == 0xf0) /* shorter forms of the same */
            low = first == 0xe0 ? 0xa0 : 0x90;
        if (first == 0xed || first == 0xf4) /* surrogates, and what is beyond Unicode */
            high = first == 0xed ? 0x9f : 0x8f;
        for (; more; more--, i++, low = 0x80, high = 0xbf)
            if (b[i] < low || b[i] > high)
                return false;
    }
    return n > 0;
}

bool line_decode(char *text, uint32_t *n)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (is_plain((uint8_t)*from)) {
            *to++ = *from;
            continue;
        }
        int high = *from == '%' ? digit(from[1], upper) : -1;
        int low = high < 0 ? -1 : digit(from[2], upper);
        if (low < 0 || is_plain((uint8_t)(high << 4 | low)))
            return false;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *n = (uint32_t)(to - text);
    return is_text((const uint8_t *)text, *n);
}

/* Cuts the text at its spaces. The tag must be well formed, something must follow it, and no word may be empty. */
static bool split(struct line_in *in)
{
    uint32_t tag = 0;

    in->words = 0;
    for (char *at = in->text + 1, *start = at;; at++) {
        if (*at && *at != ' ')
            continue;
        if (at == start)
            return false;
        if (in->words < LINE_WORDS)
            in->word[in->words] = start;
        in->words++;
        start = at + 1;
        if (!*at)
            break;
        *at = 0;
    }
    for (const char *c = in->word[0]; *c; c++, tag++)
        if (!((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z')))
            return false;
    return tag <= TAG_MAX && in->words >= 2;
}

static bool is_frame(struct line_in *in)
{
    uint32_t n = in->length, crc = 0;

    if (n && in->text[n - 1] == '\r')
        n--;
    if (n < CRC_DIGITS + 2 || in->text[n - CRC_DIGITS - 1] != '*')
        return false;
    n -= CRC_DIGITS + 1;
    for (uint32_t i = 0; i < CRC_DIGITS; i++) {
        int value = digit(in->text[n + 1 + i], lower);
        if (value < 0)
            return false;
        crc = crc << 4 | (uint32_t)value;
    }
    for (uint32_t i = 0; i < n; i++)
        if (in->text[i] < 0x20 || in->text[i] > 0x7e || in->text[i] == '*')
            return false;
    if (crc != crc32_add(CRC32_START, in->text, n))
        return false;
    in->text[n] = 0;
    return split(in);
}

enum line_event line_take(struct line_in *in, uint8_t byte)
{
    enum line_event event;

    if (byte == '@') {
        in->framed = true;
        in->length = 0;
    }
    if (!in->framed)
        return LINE_NOTHING;
    if (byte != '\n') {
        if (in->length < LINE_MAX - 1)
            in->text[in->length] = (char)byte;
        if (in->length < LINE_MAX)
            in->length++;
        return LINE_NOTHING;
    }
    if (in->length > LINE_MAX - 1)
        event = LINE_TOO_LONG;
    else
        event = is_frame(in) ? LINE_READY : LINE_DAMAGED;
    in->framed = false;
    return event;
}

void line_wipe(struct line_in *in)
{
    bytes_wipe(in, sizeof *in);
}

static void put(struct line_out *out, char c)
{
    out->crc = crc32_add(out->crc, &c, 1);
    out->put((uint8_t)c);
}

void line_text(struct line_out *out, const char *text)
{
    while (*text)
        put(out, *text++);
}

void line_begin(struct line_out *out, const char *tag)
{
    out->crc = CRC32_START;
    put(out, '@');
    line_text(out, tag);
}

void line_key(struct line_out *out, const char *key)
{
    put(out, ' ');
    line_text(out, key);
    put(out, '=');
}

void line_number(struct line_out *out, uint32_t number)
{
    char digits[11], *at = digits + sizeof digits - 1;

    *at = 0;
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    line_text(out, at);
}

void line_hex(struct line_out *out, const uint8_t *bytes, uint32_t n)
{
    for (; n; n--, bytes++) {
        put(out, lower[*bytes >> 4]);
        put(out, lower[*bytes & 15]);
    }
}

void line_value(struct line_out *out, const uint8_t *bytes, uint32_t n)
{
    for (; n; n--, bytes++) {
        if (is_plain(*bytes)) {
            put(out, (char)*bytes);
        } else {
            put(out, '%');
            put(out, upper[*bytes >> 4]);
            put(out, upper[*bytes & 15]);
        }
    }
}

void line_end(struct line_out *out)
{
    uint32_t crc = out->crc;

    put(out, '*');
    for (int shift = 28; shift >= 0; shift -= 4)
        put(out, lower[crc >> shift & 15]);
    out->put('\n');
}
