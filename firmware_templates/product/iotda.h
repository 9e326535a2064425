/* SPDX-License-Identifier: 0BSD */
/* The same identity by Huawei IoTDA's names and lengths. Return values as in certificate.h. */
#ifndef IOTDA_H
#define IOTDA_H

#include "certificate.h"

#define IOTDA_PRODUCT_ID_LEN FIELD_PK_MAX
#define IOTDA_DEVICE_ID_LEN FIELD_DN_MAX
#define IOTDA_SECRET_LEN FIELD_DS_MAX

static inline int iotda_product_id(char product_id[IOTDA_PRODUCT_ID_LEN + 1])
{
    return certificate_field(0, FIELD_PK, product_id, IOTDA_PRODUCT_ID_LEN + 1);
}

static inline int iotda_device_id(char device_id[IOTDA_DEVICE_ID_LEN + 1])
{
    return certificate_field(0, FIELD_DN, device_id, IOTDA_DEVICE_ID_LEN + 1);
}

static inline int iotda_secret(char secret[IOTDA_SECRET_LEN + 1])
{
    return certificate_field(0, FIELD_DS, secret, IOTDA_SECRET_LEN + 1);
}

#endif
