/* SPDX-License-Identifier: 0BSD */
/*
 * The getters and setters that Alibaba's device SDKs call (iotkit-embedded, Living SDK; AliOS Things). Their lengths, their
 * return values: the length of the text, negative when it is too long. Getters fill the whole buffer.
 *
 * A setter lasts until the next start, as in the SDK's own ports, and hides what is stored until then; set "" to see it
 * again. What is stored is written by the station, all four fields at once.
 */
#ifndef HAL_H
#define HAL_H

#define IOTX_PRODUCT_KEY_LEN 20
#define IOTX_DEVICE_NAME_LEN 32
#define IOTX_DEVICE_SECRET_LEN 64
#define IOTX_PRODUCT_SECRET_LEN 64

int HAL_GetProductKey(char product_key[IOTX_PRODUCT_KEY_LEN + 1]);
int HAL_GetDeviceName(char device_name[IOTX_DEVICE_NAME_LEN + 1]);
int HAL_GetDeviceSecret(char device_secret[IOTX_DEVICE_SECRET_LEN + 1]);
int HAL_GetProductSecret(char product_secret[IOTX_PRODUCT_SECRET_LEN + 1]);

/* `char *`, not `const char *`: the SDK declares them so. The text is not changed. */
int HAL_SetProductKey(char *product_key);
int HAL_SetDeviceName(char *device_name);
int HAL_SetDeviceSecret(char *device_secret);
int HAL_SetProductSecret(char *product_secret);

#endif
