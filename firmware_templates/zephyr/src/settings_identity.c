/* SPDX-License-Identifier: 0BSD */
/* The subtree iot/: productKey, deviceName, deviceSecret, productSecret, each the bytes of the text. */
#include <errno.h>
#include <zephyr/settings/settings.h>

#include "bytes.h"
#include "certificate.h"
#include "identity_zephyr.h"

static struct identity loaded;

static bool in_ram(struct identity_source *from)
{
    *from = identity_as_source(&loaded);
    return identity_complete(&loaded);
}

/* Also called when the shell writes a setting, so the getters see it at once. */
static int set(const char *name, size_t size, settings_read_cb read, void *argument)
{
    static const char *const names[FIELD_COUNT] = {"productKey", "deviceName", "deviceSecret", "productSecret"};
    uint8_t value[FIELD_MAX];
    ssize_t n;

    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        enum identity_field field = (enum identity_field)i;
        if (!text_equal(name, names[i]))
            continue;
        if (size > identity_field_max(field))
            return -EINVAL;
        n = read(argument, value, size);
        if (n >= 0) {
            if (!loaded.length)
                identity_begin(&loaded, 0);
            identity_put(&loaded, 0, field, value, (uint32_t)n);
        }
        bytes_wipe(value, sizeof value);
        return n < 0 ? (int)n : 0;
    }
    return -ENOENT;
}

SETTINGS_STATIC_HANDLER_DEFINE(identity, "iot", NULL, set, NULL, NULL);

int identity_settings_load(void)
{
    int error = settings_subsys_init();

    if (!error)
        error = settings_load_subtree("iot");
    if (error)
        return error;
    certificate_comes_from(in_ram);
    return identity_complete(&loaded) ? 0 : -ENOENT;
}
