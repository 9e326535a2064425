/* SPDX-License-Identifier: 0BSD */
#include "hal.h"

#include "bytes.h"
#include "certificate.h"

static char set_product_key[IOTX_PRODUCT_KEY_LEN + 1], set_device_name[IOTX_DEVICE_NAME_LEN + 1],
    set_device_secret[IOTX_DEVICE_SECRET_LEN + 1], set_product_secret[IOTX_PRODUCT_SECRET_LEN + 1];

static int get(enum identity_field field, const char *set, char *to, uint32_t size)
{
    uint32_t n = 0;

    if (!set[0])
        return certificate_field(0, field, to, size);
    while (set[n])
        n++;
    bytes_copy(to, set, size);
    return (int)n;
}

static int set(char *kept, uint32_t size, const char *text)
{
    uint32_t n = 0;

    while (text[n])
        if (++n == size)
            return CERTIFICATE_TOO_LONG;
    bytes_wipe(kept, size);
    bytes_copy(kept, text, n);
    return (int)n;
}

int HAL_GetProductKey(char product_key[IOTX_PRODUCT_KEY_LEN + 1])
{
    return get(FIELD_PK, set_product_key, product_key, sizeof set_product_key);
}

int HAL_GetDeviceName(char device_name[IOTX_DEVICE_NAME_LEN + 1])
{
    return get(FIELD_DN, set_device_name, device_name, sizeof set_device_name);
}

int HAL_GetDeviceSecret(char device_secret[IOTX_DEVICE_SECRET_LEN + 1])
{
    return get(FIELD_DS, set_device_secret, device_secret, sizeof set_device_secret);
}

int HAL_GetProductSecret(char product_secret[IOTX_PRODUCT_SECRET_LEN + 1])
{
    return get(FIELD_PS, set_product_secret, product_secret, sizeof set_product_secret);
}

int HAL_SetProductKey(char *product_key)
{
    return set(set_product_key, sizeof set_product_key, product_key);
}

int HAL_SetDeviceName(char *device_name)
{
    return set(set_device_name, sizeof set_device_name, device_name);
}

int HAL_SetDeviceSecret(char *device_secret)
{
    return set(set_device_secret, sizeof set_device_secret, device_secret);
}

int HAL_SetProductSecret(char *product_secret)
{
    return set(set_product_secret, sizeof set_product_secret, product_secret);
}
