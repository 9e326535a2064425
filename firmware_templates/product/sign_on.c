/* SPDX-License-Identifier: 0BSD */
#include "sign_on.h"

#include "bytes.h"
#include "sha1.h"
#include "sha256.h"

#define LIVING_CLIENT_ID_MAX 64u
#define LIVING_USERNAME_MAX 64u
#define HOUR_LENGTH 10u

struct text {
    char *at;
    uint32_t room; /* without the final 0 */
    bool fits;
};

static uint32_t length(const char *text)
{
    uint32_t n = 0;
    while (text[n])
        n++;
    return n;
}

static void append(struct text *to, const char *piece)
{
    uint32_t n = length(piece);

    if (n > to->room) {
        to->fits = false;
        return;
    }
    bytes_copy(to->at, piece, n + 1);
    to->at += n;
    to->room -= n;
}

static void write_hex(char *to, const uint8_t *bytes, uint32_t n)
{
    for (; n; n--, bytes++) {
        *to++ = "0123456789abcdef"[*bytes >> 4];
        *to++ = "0123456789abcdef"[*bytes & 15];
    }
    *to = 0;
}

/* Keys in alphabetical order, each followed by its value, nothing between them: what Living Link signs. */
#define LIVING_PIECES 8u
static void living_content(const struct living_device *d, const char *piece[LIVING_PIECES])
{
    piece[0] = "clientId", piece[1] = d->client_id;
    piece[2] = "deviceName", piece[3] = d->device_name;
    piece[4] = "productKey", piece[5] = d->product_key;
    piece[6] = "timestamp", piece[7] = d->timestamp;
}

static void living_password(char *to, const struct living_device *d)
{
    const char *piece[LIVING_PIECES];
    uint8_t mac[SHA256_SIZE];
    uint32_t mac_size = d->method == LIVING_HMAC_SHA1 ? SHA1_SIZE : SHA256_SIZE;

    living_content(d, piece);
    if (d->method == LIVING_HMAC_SHA1) {
        struct hmac_sha1 h;
        hmac_sha1_begin(&h, d->device_secret, length(d->device_secret));
        for (uint32_t i = 0; i < LIVING_PIECES; i++)
            hmac_sha1_add(&h, piece[i], length(piece[i]));
        hmac_sha1_end(&h, mac);
    } else {
        struct hmac h;
        hmac_begin(&h, d->device_secret, length(d->device_secret));
        for (uint32_t i = 0; i < LIVING_PIECES; i++)
            hmac_add(&h, piece[i], length(piece[i]));
        hmac_end(&h, mac);
    }
    write_hex(to, mac, mac_size);
    bytes_wipe(mac, sizeof mac);
}

bool living_sign_on(struct sign_on *to, const struct living_device *device)
{
    struct text client_id = {to->client_id, SIGN_ON_CLIENT_ID_MAX, true};
    struct text username = {to->username, LIVING_USERNAME_MAX, length(device->client_id) <= LIVING_CLIENT_ID_MAX};

    append(&client_id, device->client_id);
    append(&client_id, device->tls ? "|securemode=2,signmethod=" : "|securemode=3,signmethod=");
    append(&client_id, device->method == LIVING_HMAC_SHA1 ? "hmacsha1," : "hmacsha256,");
    append(&client_id, device->extra);
    append(&client_id, "timestamp=");
    append(&client_id, device->timestamp);
    append(&client_id, "|");
    append(&username, device->device_name);
    append(&username, "&");
    append(&username, device->product_key);
    if (!client_id.fits || !username.fits) {
        sign_on_wipe(to);
        return false;
    }
    living_password(to->password, device);
    return true;
}

bool iotda_sign_on(struct sign_on *to, const char *device_id, const char *secret, const char *hour, bool hour_checked)
{
    struct text client_id = {to->client_id, SIGN_ON_CLIENT_ID_MAX, length(hour) == HOUR_LENGTH};
    struct text username = {to->username, SIGN_ON_USERNAME_MAX, true};
    struct hmac h;
    uint8_t mac[SHA256_SIZE];

    append(&client_id, device_id);
    append(&client_id, hour_checked ? "_0_1_" : "_0_0_");
    append(&client_id, hour);
    append(&username, device_id);
    if (!client_id.fits || !username.fits) {
        sign_on_wipe(to);
        return false;
    }
    /* The hour is the key and the secret the message, not the other way round. */
    hmac_begin(&h, hour, HOUR_LENGTH);
    hmac_add(&h, secret, length(secret));
    hmac_end(&h, mac);
    write_hex(to->password, mac, sizeof mac);
    bytes_wipe(mac, sizeof mac);
    return true;
}

void sign_on_wipe(struct sign_on *what)
{
    bytes_wipe(what, sizeof *what);
}
