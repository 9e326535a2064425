/* SPDX-License-Identifier: 0BSD */
/*
 * A board's NVS as lines on standard input, "namespace key str|blob|u8 HEX", behind the framework's own calls; then what
 * the template's reader and the getters make of it: the error's number, and a line of fields per certificate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "nvs.h"
#include "nvs_flash.h"
#include "nvs_identity.h"

static struct entry {
    char ns[16], key[16], type[8];
    unsigned char value[4096];
    size_t n;
} entries[300];
static size_t entry_count;

static const struct entry *find(const char *key, const char *type, size_t *length, const void *wanted)
{
    for (size_t i = 0; i < entry_count; i++) {
        const struct entry *e = &entries[i];
        if (strcmp(e->ns, NVS_IDENTITY_NAMESPACE) || strcmp(e->key, key) || strcmp(e->type, type))
            continue;
        if (wanted && length && *length < e->n)
            abort(); /* the framework would refuse; the template must not come to that with values of its own layout */
        if (length)
            *length = e->n;
        return e;
    }
    return NULL;
}

esp_err_t nvs_flash_init_partition(const char *partition)
{
    return strcmp(partition, NVS_IDENTITY_PARTITION) ? ESP_ERR_NOT_FOUND : ESP_OK;
}

esp_err_t nvs_open_from_partition(const char *partition, const char *ns, nvs_open_mode_t mode, nvs_handle_t *handle)
{
    *handle = 7;
    if (strcmp(partition, NVS_IDENTITY_PARTITION) || mode != NVS_READONLY)
        return ESP_FAIL;
    for (size_t i = 0; i < entry_count; i++)
        if (!strcmp(entries[i].ns, ns))
            return ESP_OK;
    return ESP_ERR_NVS_NOT_FOUND;
}

esp_err_t nvs_get_str(nvs_handle_t handle, const char *key, char *value, size_t *length)
{
    const struct entry *e = find(key, "str", length, value);
    if (!e || handle != 7)
        return ESP_ERR_NVS_NOT_FOUND;
    memcpy(value, e->value, e->n);
    return ESP_OK;
}

esp_err_t nvs_get_blob(nvs_handle_t handle, const char *key, void *value, size_t *length)
{
    const struct entry *e = find(key, "blob", length, value);
    if (!e || handle != 7)
        return ESP_ERR_NVS_NOT_FOUND;
    if (value)
        memcpy(value, e->value, e->n);
    return ESP_OK;
}

esp_err_t nvs_get_u8(nvs_handle_t handle, const char *key, uint8_t *value)
{
    const struct entry *e = find(key, "u8", NULL, value);
    if (!e || handle != 7)
        return ESP_ERR_NVS_NOT_FOUND;
    *value = e->value[0];
    return ESP_OK;
}

void nvs_close(nvs_handle_t handle)
{
    (void)handle;
}

int main(void)
{
    static char hex[8200];
    char text[FIELD_MAX + 1];
    struct entry *e = entries;

    while (scanf("%15s %15s %7s %8199s", e->ns, e->key, e->type, hex) == 4) {
        unsigned byte;
        for (e->n = 0; sscanf(hex + 2 * e->n, "%2x", &byte) == 1; e->n++)
            e->value[e->n] = (unsigned char)byte;
        e++, entry_count++;
    }
    printf("%d\n", nvs_identity_load());
    for (int channel = 0; channel <= certificate_channels(); channel++)
        for (int field = 0; field < FIELD_COUNT; field++) {
            int n = certificate_field((unsigned)channel, (enum identity_field)field, text, sizeof text);
            printf("%d %s\n", n, text);
        }
    return 0;
}
