/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#include "stm32_hal.h" /* the project's: includes its stm32xxxx_hal.h */

#ifndef AGENT_MAX_CHANNELS
#define AGENT_MAX_CHANNELS 0u /* an NVR's cameras; 296 bytes of RAM and of each slot for one */
#endif

/*
 * Two slots of whole pages or sectors, all of one size and side by side. The linker script must leave them out. What stands
 * here is right for most chips of the family; see the reference manual's table of flash.
 */
#if defined(STM32F2) || defined(STM32F4) /* sectors of several sizes: 2 and 3, of 16 KiB, between vectors and code */
#define IDENTITY_SECTOR 2u
#define IDENTITY_PAGE 0x4000u
#define IDENTITY_ADDRESS (FLASH_BASE + 0x8000u)
#define IDENTITY_VOLTAGE_RANGE FLASH_VOLTAGE_RANGE_3 /* 2.7 to 3.6 V */
#elif defined(STM32F7)
#define IDENTITY_SECTOR 2u
#define IDENTITY_PAGE 0x8000u
#define IDENTITY_ADDRESS (FLASH_BASE + 0x10000u)
#define IDENTITY_VOLTAGE_RANGE FLASH_VOLTAGE_RANGE_3
#else /* the last two pages, or, on an H7, sectors */
#ifdef STM32H7
#define IDENTITY_PAGE FLASH_SECTOR_SIZE
#else
#define IDENTITY_PAGE FLASH_PAGE_SIZE
#endif
#ifdef FLASH_VOLTAGE_RANGE_3
#define IDENTITY_VOLTAGE_RANGE FLASH_VOLTAGE_RANGE_3
#endif
#ifdef FLASH_SIZE
#define IDENTITY_FLASH_SIZE FLASH_SIZE
#else /* F0, F1, F3 */
#define IDENTITY_FLASH_SIZE (1024u * *(const uint16_t *)FLASHSIZE_BASE)
#endif
#ifdef FLASH_BANK_SIZE
#define IDENTITY_BANK_SIZE FLASH_BANK_SIZE /* of two banks; IDENTITY_FLASH_SIZE where the option bytes make them one */
#endif
#define IDENTITY_ADDRESS (FLASH_BASE + IDENTITY_FLASH_SIZE - 2u * IDENTITY_SLOT)
#endif
#define IDENTITY_SLOT IDENTITY_PAGE

#endif
