/* SPDX-License-Identifier: 0BSD */
/*
 * Lines in, answers out, the same on every machine. “-” is an empty text.
 *     begin CHANNELS | put CHANNEL FIELD VALUE | blank | break         what the board carries, and that it cannot be read
 *     get FIELD | set FIELD VALUE | iotda FIELD | channels | cameras   the getters; an answer is "<return value> <text>"
 *     living PK DN DS CLIENTID TIMESTAMP EXTRA sha1|sha256 tls|tcp     clientId, username, password; or "refused"
 *     iotdasignon DEVICEID SECRET HOUR 0|1
 */
#include "product_driver.h"

#include "bytes.h"
#include "certificate.h"
#include "hal.h"
#include "iotda.h"
#include "sign_on.h"
#include "subdevices.h"

#define WORDS 9

static struct identity carried;
static bool broken;
static void (*say_byte)(char byte);

static bool cannot_read(const void *where, uint32_t at, void *to, uint32_t n)
{
    (void)where, (void)at, (void)to, (void)n;
    return false;
}

static bool carried_identity(struct identity_source *from)
{
    *from = identity_as_source(&carried);
    if (broken)
        from->read = cannot_read;
    return carried.length > 0;
}

static void say(const char *text)
{
    while (*text)
        say_byte(*text++);
}

static void say_line(const char *text)
{
    say(text);
    say("\n");
}

static void say_result(int result, const char *text)
{
    char digits[8], *at = digits + sizeof digits - 1;
    int left = result < 0 ? -result : result;

    *at = 0;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    say(result < 0 ? "-" : "");
    say(at);
    say(" ");
    say_line(text);
}

static uint32_t number(const char *text)
{
    uint32_t value = 0;
    while (*text)
        value = 10 * value + (uint32_t)(*text++ - '0');
    return value;
}

static uint32_t length(const char *text)
{
    uint32_t n = 0;
    while (text[n])
        n++;
    return n;
}

static enum identity_field field_of(const char *word)
{
    static const char *const words[FIELD_COUNT] = {"PK", "DN", "DS", "PS"};
    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if (text_equal(word, words[i]))
            return (enum identity_field)i;
    return FIELD_PK;
}

static void get(enum identity_field field)
{
    static int (*const getters[FIELD_COUNT])(char *) = {HAL_GetProductKey, HAL_GetDeviceName, HAL_GetDeviceSecret,
                                                        HAL_GetProductSecret};
    static const uint8_t sizes[FIELD_COUNT] = {IOTX_PRODUCT_KEY_LEN + 1, IOTX_DEVICE_NAME_LEN + 1,
                                               IOTX_DEVICE_SECRET_LEN + 1, IOTX_PRODUCT_SECRET_LEN + 1};
    char text[80];
    int result;

    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = '~'; /* a byte behind the buffer that changes is seen */
    result = getters[field](text);
    if (text[sizes[field]] != '~')
        say("overrun ");
    say_result(result, text);
}

static void set(enum identity_field field, char *value)
{
    static int (*const setters[FIELD_COUNT])(char *) = {HAL_SetProductKey, HAL_SetDeviceName, HAL_SetDeviceSecret,
                                                        HAL_SetProductSecret};
    say_result(setters[field](value), "");
}

static void iotda(enum identity_field field)
{
    char text[FIELD_MAX + 1];
    int result = field == FIELD_PK   ? iotda_product_id(text)
                 : field == FIELD_DN ? iotda_device_id(text)
                                     : iotda_secret(text);
    say_result(result, text);
}

static void cameras(void)
{
    struct subdevice camera;
    int result;

    for (subdevices_begin(&camera); (result = subdevices_next(&camera)) > 0;) {
        say_result(result, camera.product_key);
        say_line(camera.device_name);
        say_line(camera.device_secret);
        say_line(camera.product_secret);
    }
    subdevices_end(&camera);
    say_result(result, "end");
}

static void say_sign_on(bool done, const struct sign_on *on)
{
    if (!done)
        say_line(on->client_id[0] || on->username[0] || on->password[0] ? "left something" : "refused");
    else
        say_line(on->client_id), say_line(on->username), say_line(on->password);
}

void drive(char *line, void (*put)(char byte))
{
    char *word[WORDS], empty[] = "";
    struct sign_on on;
    int words = 0;

    say_byte = put;
    certificate_comes_from(carried_identity);
    for (char *at = line; *at && words < WORDS;) {
        word[words++] = *at == '-' && (at[1] == ' ' || !at[1]) ? empty : at;
        while (*at && *at != ' ')
            at++;
        if (*at)
            *at++ = 0;
    }
    while (words < WORDS)
        word[words++] = empty;
    if (text_equal(word[0], "begin"))
        identity_begin(&carried, number(word[1]));
    else if (text_equal(word[0], "put"))
        identity_put(&carried, number(word[1]), field_of(word[2]), word[3], length(word[3]));
    else if (text_equal(word[0], "blank"))
        identity_wipe(&carried);
    else if (text_equal(word[0], "break"))
        broken = true;
    else if (text_equal(word[0], "get"))
        get(field_of(word[1]));
    else if (text_equal(word[0], "set"))
        set(field_of(word[1]), word[2]);
    else if (text_equal(word[0], "iotda"))
        iotda(field_of(word[1]));
    else if (text_equal(word[0], "channels"))
        say_result(certificate_channels(), "");
    else if (text_equal(word[0], "cameras"))
        cameras();
    else if (text_equal(word[0], "living"))
        say_sign_on(living_sign_on(&on, &(struct living_device){.product_key = word[1], .device_name = word[2],
                                                                .device_secret = word[3], .client_id = word[4],
                                                                .timestamp = word[5], .extra = word[6],
                                                                .method = text_equal(word[7], "sha1")
                                                                              ? LIVING_HMAC_SHA1
                                                                              : LIVING_HMAC_SHA256,
                                                                .tls = text_equal(word[8], "tls")}),
                    &on);
    else if (text_equal(word[0], "iotdasignon"))
        say_sign_on(iotda_sign_on(&on, word[1], word[2], word[3], text_equal(word[4], "1")), &on);
    else
        say_line("what?");
    say_line(".");
}
