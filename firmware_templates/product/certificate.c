/* SPDX-License-Identifier: 0BSD */
#include "certificate.h"

#include "bytes.h"

static bool (*find_source)(struct identity_source *from);
static const struct store *agents_store;

void certificate_comes_from(bool (*source)(struct identity_source *from))
{
    find_source = source;
}

static bool stored(struct identity_source *from)
{
    *from = store_as_source(agents_store);
    return store_holds(agents_store);
}

void certificate_comes_from_store(const struct store *store)
{
    agents_store = store;
    find_source = stored;
}

int certificate_channels(void)
{
    struct identity_source from;
    uint32_t channels;

    if (!find_source || !find_source(&from))
        return 0;
    return identity_channels(&from, &channels) ? (int)channels : CERTIFICATE_UNREADABLE;
}

static int copy(const struct identity_source *from, uint32_t channel, enum identity_field field, char *to,
                uint32_t size)
{
    uint8_t value[FIELD_MAX];
    uint32_t n = 0;
    int result;

    if (!identity_get(from, channel, field, value, &n)) {
        result = CERTIFICATE_UNREADABLE;
    } else if (n >= size) {
        result = CERTIFICATE_TOO_LONG;
    } else {
        bytes_copy(to, value, n);
        result = (int)n;
    }
    bytes_wipe(value, sizeof value);
    return result;
}

int certificate_field(uint32_t channel, enum identity_field field, char *to, uint32_t size)
{
    struct identity_source from;
    uint32_t channels;

    bytes_wipe(to, size);
    if (!find_source || !find_source(&from))
        return 0;
    if (!identity_channels(&from, &channels))
        return CERTIFICATE_UNREADABLE;
    if (channel > channels)
        return CERTIFICATE_NO_CHANNEL;
    return copy(&from, channel, field, to, size);
}
