/* SPDX-License-Identifier: 0BSD */
/*
 * What a device sends in its MQTT CONNECT, made from its certificate: clientId, username, password. The secret itself never
 * goes over the network. All texts end in 0; call sign_on_wipe when the connection stands.
 *
 * Only the certificate's product knows the host: Living Link <productKey>.iot-as-mqtt.<region>.aliyuncs.com, IoTDA as its
 * console shows it.
 */
#ifndef SIGN_ON_H
#define SIGN_ON_H

#include <stdbool.h>
#include <stdint.h>

#define SIGN_ON_CLIENT_ID_MAX 200u
#define SIGN_ON_USERNAME_MAX 128u
#define SIGN_ON_PASSWORD_MAX 64u

struct sign_on {
    char client_id[SIGN_ON_CLIENT_ID_MAX + 1];
    char username[SIGN_ON_USERNAME_MAX + 1];
    char password[SIGN_ON_PASSWORD_MAX + 1]; /* hex */
};

enum living_method {
    LIVING_HMAC_SHA256, /* the one to take */
    LIVING_HMAC_SHA1,   /* what older products of the same account may expect */
};

struct living_device {
    const char *product_key, *device_name, *device_secret;
    const char *client_id; /* free, at most 64; usually "<productKey>.<deviceName>" */
    const char *timestamp; /* any number as text: the cloud only checks that it is signed. "2524608000000" needs no clock */
    const char *extra;     /* more parameters, each with its comma behind it, "ext=1,"; or "" */
    enum living_method method;
    bool tls;
};

/* Living Link and Alibaba IoT Platform. False when a part is too long for what the cloud takes: nothing is left in `to`. */
bool living_sign_on(struct sign_on *to, const struct living_device *device);

/* Huawei IoTDA. `hour`: UTC as yyyyMMddHH; `hour_checked`: the cloud refuses it when it is not now, so the device must have
 * the time. */
bool iotda_sign_on(struct sign_on *to, const char *device_id, const char *secret, const char *hour, bool hour_checked);

void sign_on_wipe(struct sign_on *what);

#endif
