/* SPDX-License-Identifier: 0BSD */
/*
 * How a program of the product reads its identity, as a command: productKey and deviceName of the device and of each camera,
 * one a line; and, given the hour in UTC (yyyyMMddHH), what it would sign on with. Never a secret.
 *     station-identity FILE [HOUR]
 * Ends with 0, or with 1 when the board carries no identity.
 */
#include <stdio.h>

#include "hal.h"
#include "identity_file.h"
#include "iotda.h"
#include "sign_on.h"
#include "subdevices.h"

static void show_sign_on(const char *product_key, const char *device_name, const char *secret, const char *hour)
{
    struct sign_on on;
    struct living_device device = {.product_key = product_key, .device_name = device_name, .device_secret = secret,
                                   .client_id = device_name, .timestamp = hour, .extra = "", .tls = true};

    if (living_sign_on(&on, &device))
        printf("living %s %s %s\n", on.client_id, on.username, on.password);
    if (iotda_sign_on(&on, device_name, secret, hour, true))
        printf("iotda %s %s %s\n", on.client_id, on.username, on.password);
    sign_on_wipe(&on);
}

int main(int argc, char **argv)
{
    char product_key[IOTDA_PRODUCT_ID_LEN + 1], device_name[IOTDA_DEVICE_ID_LEN + 1];
    char secret[IOTX_DEVICE_SECRET_LEN + 1];
    struct subdevice camera;

    if (argc != 2 && argc != 3)
        return fputs("usage: station-identity FILE [HOUR]\n", stderr), 1;
    identity_file_for_getters(argv[1]);
    if (iotda_product_id(product_key) <= 0 || iotda_device_id(device_name) <= 0)
        return fputs("no identity\n", stderr), 1;
    printf("0 %s %s\n", product_key, device_name);
    for (subdevices_begin(&camera); subdevices_next(&camera) > 0;)
        printf("%u %s %s\n", (unsigned)camera.channel, camera.product_key, camera.device_name);
    subdevices_end(&camera);
    if (argc == 3 && HAL_GetDeviceSecret(secret) > 0)
        show_sign_on(product_key, device_name, secret, argv[2]);
    for (volatile char *c = secret; c < secret + sizeof secret; c++)
        *c = 0;
    return 0;
}
