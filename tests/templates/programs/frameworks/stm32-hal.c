/* SPDX-License-Identifier: 0BSD */
/* The STM32 template on this machine: a G4's double words and pages, or an H7's words of 32 bytes and sectors, with ECC. */
#define _GNU_SOURCE
#include "agent_stm32.h"
#include "host_board.h"

volatile uint32_t rcc_flags;
#ifdef STM32H7
#define PAGE(erase) (erase)->Sector
#define PAGES(erase) (erase)->NbSectors
#define ERASE_TYPE FLASH_TYPEERASE_SECTORS
struct stub_scb stub_scb;
static uint32_t faultmask;
#else
#define PAGE(erase) (erase)->Page
#define PAGES(erase) (erase)->NbPages
#define ERASE_TYPE FLASH_TYPEERASE_PAGES
volatile uint32_t flash_flags = FLASH_FLAG_ALL_ERRORS; /* as some chips start */
#endif
static USART_TypeDef uart_registers = {.ISR = UART_FLAG_TC};
static UART_HandleTypeDef uart = {&uart_registers};
static uint8_t *wanted;
static int unlocked;

HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef *line, const uint8_t *bytes, uint16_t n, uint32_t timeout_ms)
{
    (void)line, (void)timeout_ms;
    while (n--)
        host_send(*bytes++);
    return HAL_OK;
}

HAL_StatusTypeDef HAL_UART_Receive_IT(UART_HandleTypeDef *line, uint8_t *bytes, uint16_t n)
{
    (void)line, (void)n;
    wanted = bytes;
    return HAL_OK;
}

HAL_StatusTypeDef HAL_FLASH_Unlock(void)
{
    unlocked = 1;
    return HAL_OK;
}

HAL_StatusTypeDef HAL_FLASH_Lock(void)
{
    unlocked = 0;
    return HAL_OK;
}

static HAL_StatusTypeDef done(int good)
{
    return unlocked && good ? HAL_OK : HAL_ERROR;
}

#ifdef STM32H7
uint32_t __get_FAULTMASK(void) { return faultmask; }
void __set_FAULTMASK(uint32_t mask) { faultmask = mask; }
void __DSB(void) {}
void SCB_InvalidateDCache_by_Addr(volatile void *address, int32_t n) { (void)address, (void)n; }

HAL_StatusTypeDef HAL_FLASH_Program(uint32_t type, uint32_t address, uint32_t data)
{
    const void *word = (const void *)(uintptr_t)data; /* the program is linked to low addresses */
    return done(type == FLASH_TYPEPROGRAM_FLASHWORD && data % 4u == 0 &&
                host_program(address - IDENTITY_ADDRESS, word, 32, 32));
}
#else
HAL_StatusTypeDef HAL_FLASH_Program(uint32_t type, uint32_t address, uint64_t data)
{
    return done(type == FLASH_TYPEPROGRAM_DOUBLEWORD && !flash_flags &&
                host_program(address - IDENTITY_ADDRESS, &data, 8, 8));
}
#endif

HAL_StatusTypeDef HAL_FLASHEx_Erase(FLASH_EraseInitTypeDef *erase, uint32_t *failed_page)
{
    uint32_t page = PAGE(erase) + (erase->Banks == FLASH_BANK_2 ? FLASH_BANK_SIZE / IDENTITY_PAGE : 0u);
    uint32_t at = FLASH_BASE + page * IDENTITY_PAGE - IDENTITY_ADDRESS;

    *failed_page = 0xffffffffu;
    return done(erase->TypeErase == ERASE_TYPE && PAGES(erase) == 1 && host_erase(at, IDENTITY_PAGE));
}

void HAL_NVIC_SystemReset(void)
{
    host_restart();
}

static uint32_t uid_word(unsigned first)
{
    uint32_t word = 0;
    for (unsigned i = first; i < first + 4; i++)
        word = word << 8 | host_uid[i];
    return word;
}

uint32_t HAL_GetUIDw0(void) { return uid_word(0); }
uint32_t HAL_GetUIDw1(void) { return uid_word(4); }
uint32_t HAL_GetUIDw2(void) { return 0x00c0ffeeu; }

int main(int argc, char **argv)
{
    host_begin(argc, argv, (void *)(uintptr_t)IDENTITY_ADDRESS, 2u * IDENTITY_SLOT);
    rcc_flags = host_restarted ? RCC_FLAG_SFTRST : RCC_FLAG_BORRST;
    agent_stm32_start(&uart);
    for (;;) {
        *wanted = host_receive();
        agent_stm32_received();
        agent_stm32_run();
    }
}
