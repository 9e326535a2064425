/* SPDX-License-Identifier: 0BSD */
/* A board's settings as lines on standard input, "name text", behind Zephyr's own calls; then what the getters return. */
#include <stdio.h>
#include <string.h>

#include "certificate.h"
#include "identity_zephyr.h"
#include <zephyr/settings/settings.h>

extern const struct settings_handler_static settings_handler_identity;

static ssize_t read_text(void *argument, void *to, size_t n)
{
    memcpy(to, argument, n);
    return (ssize_t)n;
}

int settings_subsys_init(void)
{
    return 0;
}

int settings_load_subtree(const char *subtree)
{
    static char name[64], text[512];

    if (strcmp(subtree, settings_handler_identity.name))
        return -1;
    while (scanf("%63s %511s", name, text) == 2)
        printf("%s:%d ", name, settings_handler_identity.h_set(name, strlen(text), read_text, text));
    return 0;
}

int main(void)
{
    char text[FIELD_MAX + 1];

    printf("load:%d\n", identity_settings_load());
    for (int field = 0; field < FIELD_COUNT; field++) {
        int n = certificate_field(0, (enum identity_field)field, text, sizeof text);
        printf("%d %s\n", n, text);
    }
    return 0;
}
