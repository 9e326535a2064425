/* SPDX-License-Identifier: 0BSD */
#include "subdevices.h"

#include "bytes.h"

void subdevices_begin(struct subdevice *camera)
{
    bytes_wipe(camera, sizeof *camera);
}

int subdevices_next(struct subdevice *camera)
{
    int channels = certificate_channels(), n;
    uint32_t at = camera->channel + 1;

    if (channels < 0)
        return channels;
    if (at > (uint32_t)channels)
        return 0;
    if ((n = certificate_field(at, FIELD_PK, camera->product_key, sizeof camera->product_key)) < 0 ||
        (n = certificate_field(at, FIELD_DN, camera->device_name, sizeof camera->device_name)) < 0 ||
        (n = certificate_field(at, FIELD_DS, camera->device_secret, sizeof camera->device_secret)) < 0 ||
        (n = certificate_field(at, FIELD_PS, camera->product_secret, sizeof camera->product_secret)) < 0)
        return n;
    camera->channel = at;
    return (int)at;
}

void subdevices_end(struct subdevice *camera)
{
    bytes_wipe(camera, sizeof *camera);
}
