/* SPDX-License-Identifier: 0BSD */
/*
 * Only what the template uses of the framework. Read in STMicroelectronics/stm32g4xx_hal_driver at v1.2.4,
 * stm32g0xx_hal_driver at v1.4.6 (its chips of one bank have no FLASH_BANK_2), stm32l4xx_hal_driver at v1.13.5,
 * stm32f1xx_hal_driver at v1.1.10, stm32f4xx_hal_driver at v1.8.3, stm32h7xx_hal_driver at v1.11.3; tests/firmware/real
 * holds the functions against them. Flags, banks and sizes of flash are this file's own.
 */
#pragma once

#include <stdint.h>

typedef enum { HAL_OK, HAL_ERROR, HAL_BUSY, HAL_TIMEOUT } HAL_StatusTypeDef;
typedef struct {
    volatile uint32_t ISR;
} USART_TypeDef;
typedef struct __UART_HandleTypeDef {
    USART_TypeDef *Instance;
} UART_HandleTypeDef;

#define FLASH_BASE 0x08000000u
#define FLASH_BANK_1 1u

#if defined(STM32H7)
#define FLASH_SIZE 0x200000u
#define FLASH_SECTOR_SIZE 0x20000u
#define FLASH_NB_32BITWORD_IN_FLASHWORD 8u
#define FLASH_TYPEPROGRAM_FLASHWORD 1u
#define FLASH_VOLTAGE_RANGE_3 32u
#elif defined(STM32F1)
#define FLASHSIZE_BASE 0x1ffff7e0u
#define FLASH_PAGE_SIZE 0x400u
#elif defined(STM32F4)
#define FLASH_VOLTAGE_RANGE_3 2u
#else
#define FLASH_SIZE 0x80000u
#define FLASH_PAGE_SIZE 0x800u
#define FLASH_TYPEPROGRAM_DOUBLEWORD 0u
#endif
#if defined(STM32F1) || defined(STM32F4)
#define FLASH_TYPEPROGRAM_HALFWORD 1u
#define FLASH_TYPEPROGRAM_WORD 2u
#endif

#if defined(STM32F4) || defined(STM32H7)
#define FLASH_TYPEERASE_SECTORS 0u
typedef struct {
    uint32_t TypeErase, Banks, Sector, NbSectors, VoltageRange;
} FLASH_EraseInitTypeDef;
#elif defined(STM32F1)
#define FLASH_TYPEERASE_PAGES 0u
typedef struct {
    uint32_t TypeErase, Banks, PageAddress, NbPages;
} FLASH_EraseInitTypeDef;
#else
#define FLASH_TYPEERASE_PAGES 0u
typedef struct {
    uint32_t TypeErase, Banks, Page, NbPages;
} FLASH_EraseInitTypeDef;
#endif
#if defined(STM32G4) || defined(STM32H7)
#define FLASH_BANK_2 2u
#define FLASH_BANK_SIZE (FLASH_SIZE >> 1)
#elif defined(STM32G0)
#define FLASH_BANK_SIZE FLASH_SIZE
#endif

#ifdef STM32G4
#define FLASH_FLAG_ALL_ERRORS 1u
extern volatile uint32_t flash_flags;
#define __HAL_FLASH_CLEAR_FLAG(flag) (flash_flags &= ~(flag))
#endif

#define UART_FLAG_TC 0x40u
#define __HAL_UART_GET_FLAG(handle, flag) (((handle)->Instance->ISR & (flag)) == (flag))
#ifdef STM32H7
#define RCC_FLAG_IWDG1RST 1u
#else
#define RCC_FLAG_IWDGRST 1u
#endif
#define RCC_FLAG_SFTRST 2u
#if defined(STM32G0)
#define RCC_FLAG_PWRRST 4u
#elif defined(STM32F1)
#define RCC_FLAG_PORRST 4u
#else
#define RCC_FLAG_BORRST 4u
#endif
#define RCC_FLAG_PINRST 8u
extern volatile uint32_t rcc_flags;
#define __HAL_RCC_GET_FLAG(flag) ((rcc_flags & (flag)) != 0u)
#define __HAL_RCC_CLEAR_RESET_FLAGS() (rcc_flags = 0u)

#ifdef STM32H7 /* of the core: ARM-software/CMSIS_5 at 5.9.0 */
#define __DCACHE_PRESENT 1
#define SCB_CCR_BFHFNMIGN_Msk (1u << 8)
struct stub_scb {
    volatile uint32_t CCR;
};
extern struct stub_scb stub_scb;
#define SCB (&stub_scb)
uint32_t __get_FAULTMASK(void);
void __set_FAULTMASK(uint32_t faultMask);
void __DSB(void);
void SCB_InvalidateDCache_by_Addr(volatile void *addr, int32_t dsize);
HAL_StatusTypeDef HAL_FLASH_Program(uint32_t TypeProgram, uint32_t FlashAddress, uint32_t DataAddress);
#else
HAL_StatusTypeDef HAL_FLASH_Program(uint32_t TypeProgram, uint32_t Address, uint64_t Data);
#endif
HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef *huart, const uint8_t *pData, uint16_t Size, uint32_t Timeout);
HAL_StatusTypeDef HAL_UART_Receive_IT(UART_HandleTypeDef *huart, uint8_t *pData, uint16_t Size);
HAL_StatusTypeDef HAL_FLASH_Unlock(void);
HAL_StatusTypeDef HAL_FLASH_Lock(void);
HAL_StatusTypeDef HAL_FLASHEx_Erase(FLASH_EraseInitTypeDef *pEraseInit, uint32_t *SectorError);
void HAL_NVIC_SystemReset(void);
uint32_t HAL_GetUIDw0(void);
uint32_t HAL_GetUIDw1(void);
uint32_t HAL_GetUIDw2(void);
