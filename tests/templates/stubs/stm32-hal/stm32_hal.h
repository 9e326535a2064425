/* SPDX-License-Identifier: 0BSD */
/*
 * Only what the template uses of the framework, for a syntax and type check. What differs between the families stands as in
 * their own headers (stm32g4xx_hal_rcc.h and _flash.h of STM32CubeG4, stm32g0xx_hal_rcc.h and _flash.h of STM32CubeG0, where a
 * chip of one bank has no FLASH_BANK_2).
 */
#pragma once

#include <stdint.h>

typedef enum { HAL_OK, HAL_ERROR, HAL_BUSY, HAL_TIMEOUT } HAL_StatusTypeDef;
typedef struct {
    volatile uint32_t ISR;
} USART_TypeDef;
typedef struct {
    USART_TypeDef *Instance;
} UART_HandleTypeDef;
typedef struct {
    uint32_t TypeErase, Banks, Page, NbPages;
} FLASH_EraseInitTypeDef;

#define FLASH_BASE 0x08000000u
#define FLASH_SIZE 0x80000u
#define FLASH_BANK_1 1u
#ifndef STM32G0
#define FLASH_BANK_2 2u
#endif
#define FLASH_TYPEERASE_PAGES 0u
#define FLASH_TYPEPROGRAM_DOUBLEWORD 0u
#define UART_FLAG_TC 0x40u
#define __HAL_UART_GET_FLAG(handle, flag) (((handle)->Instance->ISR & (flag)) == (flag))
#define RCC_FLAG_IWDGRST 1u
#define RCC_FLAG_SFTRST 2u
#ifdef STM32G0
#define RCC_FLAG_PWRRST 4u
#else
#define RCC_FLAG_BORRST 4u
#endif
#define RCC_FLAG_PINRST 8u
extern volatile uint32_t rcc_flags;
#define __HAL_RCC_GET_FLAG(flag) ((rcc_flags & (flag)) != 0u)
#define __HAL_RCC_CLEAR_RESET_FLAGS() (rcc_flags = 0u)

HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef *uart, const uint8_t *bytes, uint16_t n, uint32_t timeout_ms);
HAL_StatusTypeDef HAL_UART_Receive_IT(UART_HandleTypeDef *uart, uint8_t *bytes, uint16_t n);
HAL_StatusTypeDef HAL_FLASH_Unlock(void);
HAL_StatusTypeDef HAL_FLASH_Lock(void);
HAL_StatusTypeDef HAL_FLASH_Program(uint32_t type, uint32_t address, uint64_t data);
HAL_StatusTypeDef HAL_FLASHEx_Erase(FLASH_EraseInitTypeDef *erase, uint32_t *failed_page);
void HAL_NVIC_SystemReset(void);
uint32_t HAL_GetUIDw0(void);
uint32_t HAL_GetUIDw1(void);
uint32_t HAL_GetUIDw2(void);
