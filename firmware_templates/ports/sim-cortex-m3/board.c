/* SPDX-License-Identifier: 0BSD */
/*
 * A made-up Cortex-M3 with NOR flash, as the station's simulator models it (station/simulate/mcu_soc.py). The shortest
 * complete port: copy it to begin one for a real board.
 */
#include "board.h"
#include "bytes.h"
#include "uid.h"

#define REGISTER(at) (*(volatile uint32_t *)(at))

#define UART_DATA REGISTER(0x40000000u)
#define UART_STATUS REGISTER(0x40000004u) /* bit 0: a byte has come */

#define SYS_UID_HIGH REGISTER(0x40001000u)
#define SYS_UID_LOW REGISTER(0x40001004u)
#define SYS_RESET_CAUSE REGISTER(0x40001008u) /* 0 power, 1 by SYS_RESET, 2 the reset pin */
#define SYS_RESET REGISTER(0x4000100cu)       /* write: restart */
#define SYS_SLEEP REGISTER(0x40001010u)       /* write: sleep until a byte has come */

#define FLASH_BASE 0x08000000u
#define FLASH_ADDRESS REGISTER(0x40002000u) /* offset; goes up by 4 with each word */
#define FLASH_DATA REGISTER(0x40002004u)    /* write: program one word */
#define FLASH_ERASE REGISTER(0x40002008u)   /* write: erase the page at FLASH_ADDRESS */
#define FLASH_STATUS REGISTER(0x4000200cu)  /* bit 0: the last operation failed */

#define FLASH_PAGE 4096u
#define SLOT_SIZE 32768u
_Static_assert(SLOT_SIZE >= STORE_ROOM(4u), "an identity must fit its slot");

static void uart_put(uint8_t byte)
{
    UART_DATA = byte;
}

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    bytes_copy(to, (const void *)(FLASH_BASE + at), n);
    return true;
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;

    FLASH_ADDRESS = at;
    for (uint32_t i = 0; i < n; i += 4) {
        FLASH_DATA = b[i] | (uint32_t)b[i + 1] << 8 | (uint32_t)b[i + 2] << 16 | (uint32_t)b[i + 3] << 24;
        if (FLASH_STATUS & 1)
            return false;
    }
    return true;
}

static bool flash_erase(uint32_t at)
{
    FLASH_ADDRESS = at;
    FLASH_ERASE = 1;
    return !(FLASH_STATUS & 1);
}

static void restart(void)
{
    SYS_RESET = 1;
    for (;;)
        ;
}

static const char *uid_text(void)
{
    static char text[17];
    uint32_t word[2] = {SYS_UID_HIGH, SYS_UID_LOW};

    uid_of_words(text, word, 2);
    return text;
}

static const char *reset_cause(void)
{
    static const char *const words[] = {"power", "soft", "pin"};
    uint32_t cause = SYS_RESET_CAUSE;
    return cause < 3 ? words[cause] : "unknown";
}

const struct agent_board *board_start(void)
{
    static struct agent_board board = {
        .type = "cortex-m3",
        .firmware = "1.0.0",
        .put = uart_put,
        .reset = restart,
        .window = 1024, /* its UART keeps what comes */
        .flash = {.slot_size = SLOT_SIZE, .page = FLASH_PAGE, .unit = 4,
                  .read = flash_read, .program = flash_program, .erase = flash_erase},
    };

    board.uid = uid_text();
    board.reset_cause = reset_cause();
    for (const char *c = "boot: cortex-m3 1.0.0\n"; *c; c++)
        uart_put((uint8_t)*c); /* products log; the station must live with it */
    return &board;
}

bool board_received(uint8_t *byte)
{
    if (!(UART_STATUS & 1))
        return false;
    *byte = (uint8_t)UART_DATA;
    return true;
}

void board_sleep(void)
{
    SYS_SLEEP = 1;
}
