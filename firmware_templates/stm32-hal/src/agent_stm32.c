/* SPDX-License-Identifier: 0BSD */
#include "agent_stm32.h"

#include "agent.h"
#include "certificate.h"
#include "flash_stm32.h"
#include "uid.h"

#define SEND_TIMEOUT_MS 100u
#define RING 512u /* a whole command: COMMIT erases and programs while the next one may already come */

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

static void restart(void)
{
    while (!__HAL_UART_GET_FLAG(line, UART_FLAG_TC))
        ;
    HAL_NVIC_SystemReset();
}

/* What a brown-out or a first start sets has another name in each family: F2, F4, F7, G4, H7, L4, WB; G0, C0, U0; F0, F1, F3. */
#if defined(RCC_FLAG_BORRST)
#define POWER_FLAG RCC_FLAG_BORRST
#elif defined(RCC_FLAG_PWRRST)
#define POWER_FLAG RCC_FLAG_PWRRST
#else
#define POWER_FLAG RCC_FLAG_PORRST
#endif
#ifdef RCC_FLAG_IWDG1RST /* H7 */
#define WATCHDOG_FLAG RCC_FLAG_IWDG1RST
#else
#define WATCHDOG_FLAG RCC_FLAG_IWDGRST
#endif

static const char *reset_cause(void)
{
    const char *cause = __HAL_RCC_GET_FLAG(WATCHDOG_FLAG)     ? "watchdog"
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

    uid_of_words(text, word, 3);
    return text;
}

void agent_stm32_start(UART_HandleTypeDef *uart)
{
    static struct agent_board board = {.type = "stm32", .firmware = "1.0.0", .put = put, .reset = restart};

    line = uart;
    board.flash = flash_stm32;
    board.uid = uid_text();
    board.reset_cause = reset_cause();
    agent_start(&agent, &board);
    certificate_comes_from_store(&agent.store);
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
