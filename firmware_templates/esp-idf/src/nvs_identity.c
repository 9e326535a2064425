/* SPDX-License-Identifier: 0BSD */
#include "nvs_identity.h"

#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "certificate.h"
#include "nvs.h"
#include "nvs_flash.h"

#define KEY_MAX 15

static struct identity loaded;

static bool in_ram(struct identity_source *from)
{
    *from = identity_as_source(&loaded);
    return loaded.length > 0;
}

static esp_err_t read_field(nvs_handle_t nvs, uint32_t channel, enum identity_field field)
{
    static const char *const keys[FIELD_COUNT] = NVS_IDENTITY_KEYS;
    char key[KEY_MAX + 5], value[FIELD_MAX + 1];
    size_t size = sizeof value;
    esp_err_t error;

    if (!keys[field])
        return ESP_ERR_NVS_NOT_FOUND;
    if (channel)
        snprintf(key, sizeof key, "%s%u", keys[field], (unsigned)channel);
    else
        snprintf(key, sizeof key, "%s", keys[field]);
    error = NVS_IDENTITY_AS_BLOBS ? nvs_get_blob(nvs, key, value, &size) : nvs_get_str(nvs, key, value, &size);
    if (!error && !NVS_IDENTITY_AS_BLOBS)
        size -= 1; /* the final 0 */
    if (!error && size > identity_field_max(field))
        error = ESP_ERR_NVS_INVALID_LENGTH;
    if (!error)
        identity_put(&loaded, channel, field, value, (uint32_t)size);
    bytes_wipe(value, sizeof value);
    return error;
}

static esp_err_t read_certificate(nvs_handle_t nvs, uint32_t channel)
{
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        esp_err_t error = read_field(nvs, channel, (enum identity_field)i);
        if (error && !(error == ESP_ERR_NVS_NOT_FOUND && i == FIELD_PS)) /* a product may have no secret of its own */
            return error;
    }
    return ESP_OK;
}

/* The blob: u8 channels, then each channel's four fields, u8 length and that many bytes. */
static esp_err_t unpack(const uint8_t *blob, size_t size)
{
    uint32_t at = 1;

    for (uint32_t n = 0; n < blob[0] * (uint32_t)FIELD_COUNT; n++) {
        enum identity_field field = (enum identity_field)(n % FIELD_COUNT);
        if (at >= size || at + 1u + blob[at] > size || blob[at] > identity_field_max(field))
            return ESP_ERR_NVS_INVALID_LENGTH;
        identity_put(&loaded, n / FIELD_COUNT + 1, field, blob + at + 1, blob[at]);
        at += 1u + blob[at];
    }
    return at == size ? ESP_OK : ESP_ERR_NVS_INVALID_LENGTH;
}

static esp_err_t read_blob(nvs_handle_t nvs, uint8_t **blob, size_t *size)
{
    esp_err_t error = nvs_get_blob(nvs, NVS_IDENTITY_BLOB, NULL, size);

    if (error)
        return error;
    if (!*size)
        return ESP_ERR_NVS_NOT_FOUND;
    *blob = malloc(*size);
    if (!*blob)
        return ESP_ERR_NO_MEM;
    return nvs_get_blob(nvs, NVS_IDENTITY_BLOB, *blob, size);
}

static esp_err_t read_set_from_blob(nvs_handle_t nvs)
{
    uint8_t *blob = NULL;
    size_t size = 0;
    esp_err_t error = read_blob(nvs, &blob, &size);

    if (!error)
        identity_begin(&loaded, blob[0] <= AGENT_MAX_CHANNELS ? blob[0] : 0u);
    if (!error && blob[0] > AGENT_MAX_CHANNELS)
        error = ESP_ERR_NVS_INVALID_LENGTH;
    if (!error)
        error = unpack(blob, size);
    if (blob)
        bytes_wipe(blob, (uint32_t)size);
    free(blob);
    return error ? error : read_certificate(nvs, 0);
}

static esp_err_t read_identity(nvs_handle_t nvs)
{
    uint8_t channels = 0;
    esp_err_t error;

    if (NVS_IDENTITY_BLOB[0])
        return read_set_from_blob(nvs);
    error = nvs_get_u8(nvs, NVS_IDENTITY_COUNT, &channels);
    if (error && error != ESP_ERR_NVS_NOT_FOUND) /* a single device has no count */
        return error;
    if (channels > AGENT_MAX_CHANNELS)
        return ESP_ERR_NVS_INVALID_LENGTH;
    identity_begin(&loaded, channels);
    for (uint32_t channel = 0; channel <= channels; channel++)
        if ((error = read_certificate(nvs, channel)))
            return error;
    return ESP_OK;
}

esp_err_t nvs_identity_load(void)
{
    nvs_handle_t nvs;
    esp_err_t error = nvs_flash_init_partition(NVS_IDENTITY_PARTITION);

    if (!error)
        error = nvs_open_from_partition(NVS_IDENTITY_PARTITION, NVS_IDENTITY_NAMESPACE, NVS_READONLY, &nvs);
    if (!error) {
        error = read_identity(nvs);
        nvs_close(nvs);
    }
    if (!error && !identity_complete(&loaded))
        error = ESP_ERR_NVS_NOT_FOUND;
    if (error)
        identity_wipe(&loaded);
    else
        certificate_comes_from(in_ram);
    return error;
}
