/* SPDX-License-Identifier: 0BSD */
/*
 * The cameras an NVR speaks for, one after the other:
 *
 *     struct subdevice camera;
 *     for (subdevices_begin(&camera); subdevices_next(&camera) > 0;)
 *         … camera.channel, camera.product_key, camera.device_name, camera.device_secret …
 *     subdevices_end(&camera);
 */
#ifndef SUBDEVICES_H
#define SUBDEVICES_H

#include "certificate.h"

struct subdevice {
    uint32_t channel; /* 1 … n, the order in which the cloud issued them */
    char product_key[FIELD_PK_MAX + 1];
    char device_name[FIELD_DN_MAX + 1];
    char device_secret[FIELD_DS_MAX + 1];
    char product_secret[FIELD_PS_MAX + 1]; /* "" when the product has none */
};

void subdevices_begin(struct subdevice *camera);
/* Its channel; 0 after the last one; negative, as in certificate.h, when it cannot be read. */
int subdevices_next(struct subdevice *camera);
/* Wipes the last one's secret. */
void subdevices_end(struct subdevice *camera);

#endif
