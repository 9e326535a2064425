/* SPDX-License-Identifier: 0BSD */
/* An STM32's flash, as the family's HAL offers it: two slots at IDENTITY_ADDRESS. */
#ifndef FLASH_STM32_H
#define FLASH_STM32_H

#include "store.h"

extern const struct store_flash flash_stm32;

#endif
