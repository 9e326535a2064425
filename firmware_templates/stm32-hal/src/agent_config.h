/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#include "stm32_hal.h" /* the project's: includes its stm32xxxx_hal.h */

#ifndef AGENT_MAX_CHANNELS
#define AGENT_MAX_CHANNELS 0u /* an NVR's cameras; 296 bytes of RAM and of each slot for one */
#endif

/* Two slots of whole pages at the end of flash. The linker script must leave them out. These are a G4's or L4's. */
#define IDENTITY_PAGE 2048u
#define IDENTITY_SLOT IDENTITY_PAGE
#define IDENTITY_ADDRESS (FLASH_BASE + FLASH_SIZE - 2u * IDENTITY_SLOT)

#endif
