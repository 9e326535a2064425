/* SPDX-License-Identifier: 0BSD */
#include "agent_stm32.h"

#include "agent.h"
#include "bytes.h"
#include "certificate.h"

#define DOUBLE_WORD 8u
#define SEND_TIMEOUT_MS 100u
#define RING 512u /* a whole command: COMMIT erases and programs while the next one may already come */

_Static_assert(IDENTITY_SLOT >= STORE_ROOM(DOUBLE_WORD), "an identity must fit its slot");

static UART_HandleTypeDef *line;
static struct agent agent;
static volatile uint8_t ring[RING], received;
static volatile uint32_t ring_in;
static uint32_t ring_out;

void agent_stm32_received(void)
{
    ring[ring_in % RING] = received;
    ring_in = ring_in + 1u;
    HAL_UART_Receive_IT(line, (uint8_t *)&received, 1);
}

/* Noise and overrun stop the reception; the protocol's CRC finds what was lost. */
void agent_stm32_line_error(void)
{
    HAL_UART_Receive_IT(line, (uint8_t *)&received, 1);
}

static void put(uint8_t byte)
{
    HAL_UART_Transmit(line, &byte, 1, SEND_TIMEOUT_MS);
}

/* Flash with ECC reports a double fault by NMI: its handler must not hang, or a torn record stops the product. */
static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    bytes_copy(to, (const void *)(IDENTITY_ADDRESS + at), n);
    return true;
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;
    bool good = HAL_FLASH_Unlock() == HAL_OK;

    for (uint32_t i = 0; good && i < n; i += DOUBLE_WORD) {
        uint64_t word = 0;
        for (unsigned j = 0; j < DOUBLE_WORD; j++)
            word |= (uint64_t)b[i + j] << (8 * j);
        /* A double word of ones is what erased cells hold; programming it would use up its ECC. */
        good = word == UINT64_MAX ||
               HAL_FLASH_Program(FLASH_TYPEPROGRAM_DOUBLEWORD, IDENTITY_ADDRESS + at + i, word) == HAL_OK;
    }
    HAL_FLASH_Lock();
    return good;
}

static bool flash_erase(uint32_t at)
{
    uint32_t page = (IDENTITY_ADDRESS + at - FLASH_BASE) / IDENTITY_PAGE, failed;
    FLASH_EraseInitTypeDef erase = {.TypeErase = FLASH_TYPEERASE_PAGES, .Banks = FLASH_BANK_1, .Page = page, .NbPages = 1};
    bool good;

#ifdef FLASH_BANK_2 /* pages are counted anew in the second bank; a product with one bank configured removes this */
    if (page >= FLASH_SIZE / IDENTITY_PAGE / 2u) {
        erase.Banks = FLASH_BANK_2;
        erase.Page = page - FLASH_SIZE / IDENTITY_PAGE / 2u;
    }
#endif
    good = HAL_FLASH_Unlock() == HAL_OK && HAL_FLASHEx_Erase(&erase, &failed) == HAL_OK;
    HAL_FLASH_Lock();
    return good;
}

static void restart(void)
{
    while (!__HAL_UART_GET_FLAG(line, UART_FLAG_TC))
        ;
    HAL_NVIC_SystemReset();
}

/* What a brown-out or a first start sets has another name in each family: G4, L4, WB; G0, C0, U0; F and H. */
#if defined(RCC_FLAG_BORRST)
#define POWER_FLAG RCC_FLAG_BORRST
#elif defined(RCC_FLAG_PWRRST)
#define POWER_FLAG RCC_FLAG_PWRRST
#else
#define POWER_FLAG RCC_FLAG_PORRST
#endif

static const char *reset_cause(void)
{
    const char *cause = __HAL_RCC_GET_FLAG(RCC_FLAG_IWDGRST)  ? "watchdog"
                        : __HAL_RCC_GET_FLAG(RCC_FLAG_SFTRST) ? "soft"
                        : __HAL_RCC_GET_FLAG(POWER_FLAG)      ? "power"
                        : __HAL_RCC_GET_FLAG(RCC_FLAG_PINRST) ? "pin"
                                                              : "unknown";
    __HAL_RCC_CLEAR_RESET_FLAGS();
    return cause;
}

/* 96 bits: lot, wafer and place on it. */
static const char *uid_text(void)
{
    static char text[25];
    uint32_t word[3] = {HAL_GetUIDw0(), HAL_GetUIDw1(), HAL_GetUIDw2()};

    for (unsigned i = 0; i < 24; i++)
        text[i] = "0123456789abcdef"[word[i / 8] >> (28 - 4 * (i % 8)) & 15];
    return text;
}

static bool stored(struct identity_source *from)
{
    *from = store_as_source(&agent.store);
    return agent.store.state == STORE_WRITTEN || agent.store.state == STORE_LOCKED;
}

void agent_stm32_start(UART_HandleTypeDef *uart)
{
    static struct agent_board board = {
        .type = "stm32", .firmware = "1.0.0", .put = put, .reset = restart,
        .flash = {.slot_size = IDENTITY_SLOT, .page = IDENTITY_PAGE, .unit = DOUBLE_WORD,
                  .read = flash_read, .program = flash_program, .erase = flash_erase},
    };

    line = uart;
    board.uid = uid_text();
    board.reset_cause = reset_cause();
    agent_start(&agent, &board);
    certificate_comes_from(stored);
    HAL_UART_Receive_IT(line, (uint8_t *)&received, 1);
}

void agent_stm32_run(void)
{
    if (ring_in - ring_out > RING)
        ring_out = ring_in; /* more came than fits: that line is lost, and the station repeats it */
    while (ring_out != ring_in) {
        agent_take(&agent, ring[ring_out % RING]);
        ring[ring_out++ % RING] = 0; /* part of a secret, perhaps */
    }
}
