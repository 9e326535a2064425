/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#ifndef AGENT_MAX_CHANNELS
#define AGENT_MAX_CHANNELS 0u /* an NVR's cameras; 296 bytes of RAM and of each half of the partition for one */
#endif

/* The agent, when the identity comes over the serial line. */
#define AGENT_PARTITION "identity" /* type data, two halves of whole 4096-byte sectors; not encrypted */
#ifndef AGENT_USB_JTAG
#define AGENT_USB_JTAG 0 /* 1: the chip's own USB instead of a UART */
#endif
#define AGENT_UART 0
#define AGENT_BAUD 115200

/* The NVS reader, when the station writes the partition with esptool: as in the station's [esp-nvs] table. */
#define NVS_IDENTITY_PARTITION "fctry"
#define NVS_IDENTITY_NAMESPACE "aliyun-key"
#define NVS_IDENTITY_KEYS {"ProductKey", "DeviceName", "DeviceSecret", "ProductSecret"} /* PK, DN, DS, PS */
#define NVS_IDENTITY_AS_BLOBS 0       /* 1: encoding = "blob" */
#define NVS_IDENTITY_COUNT "Channels" /* channels.count; a channel's keys are those above with its number behind them */
#define NVS_IDENTITY_BLOB ""          /* channels.blob; "" = none */

#endif
