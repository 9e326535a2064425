/* SPDX-License-Identifier: 0BSD */
/* Arm's MPS2 board, AN385 image (Cortex-M3), as QEMU models it, with an AT24C64 EEPROM on the I2C bus at 0x4002A000. */
#include "board.h"
#include "qemu.h"

#define REGISTER(at) (*(volatile uint32_t *)(at))

#define UART_DATA REGISTER(0x40004000u)
#define UART_STATE REGISTER(0x40004004u) /* bit 0: transmitter full, bit 1: a byte has come */
#define UART_CTRL REGISTER(0x40004008u)
#define UART_INT_CLEAR REGISTER(0x4000400cu) /* bit 1: the request for a byte that has come */
#define UART_BAUDDIV REGISTER(0x40004010u)
#define UART_RX_IRQ 1u /* as a bit of the NVIC's first registers */

#define I2C_SET REGISTER(0x4002a000u) /* read: bit 1 is the data line */
#define I2C_CLEAR REGISTER(0x4002a004u)
#define I2C_CLOCK 1u
#define I2C_DATA 2u

#define NVIC_ENABLE REGISTER(0xe000e100u)
#define NVIC_CLEAR_PENDING REGISTER(0xe000e280u)
#define AIRCR REGISTER(0xe000ed0cu)
#define AIRCR_RESET 0x05fa0004u

#define UID 0x21000000u

#define SLOT_SIZE 4096u
#define EEPROM_PAGE 64u /* has no erase: writing 0xFF to one page at a time is one */
#define EEPROM_WRITE 0xa0u
#define EEPROM_READ 0xa1u
_Static_assert(SLOT_SIZE >= STORE_ROOM(1u), "an identity must fit its slot");

static void uart_start(void)
{
    UART_BAUDDIV = 16;
    UART_CTRL = 1u | 2u | 8u; /* send, receive, interrupt when a byte has come */
    /* QEMU stops offering bytes to a UART that was off; this read makes it ask again. */
    (void)UART_DATA;
    NVIC_ENABLE = UART_RX_IRQ;
}

static void uart_put(uint8_t byte)
{
    while (UART_STATE & 1u)
        ;
    UART_DATA = byte;
}

static void i2c_start(void)
{
    I2C_SET = I2C_DATA;
    I2C_SET = I2C_CLOCK;
    I2C_CLEAR = I2C_DATA;
    I2C_CLEAR = I2C_CLOCK;
}

static void i2c_stop(void)
{
    I2C_CLEAR = I2C_DATA;
    I2C_SET = I2C_CLOCK;
    I2C_SET = I2C_DATA;
}

static bool i2c_bit(bool bit)
{
    bool seen;

    if (bit)
        I2C_SET = I2C_DATA;
    else
        I2C_CLEAR = I2C_DATA;
    I2C_SET = I2C_CLOCK;
    seen = (I2C_SET & I2C_DATA) != 0;
    I2C_CLEAR = I2C_CLOCK;
    return seen;
}

/* True when the chip acknowledged. */
static bool i2c_send(uint8_t byte)
{
    for (int i = 7; i >= 0; i--)
        i2c_bit(byte >> i & 1);
    return !i2c_bit(true);
}

static uint8_t i2c_receive(bool more)
{
    uint8_t byte = 0;

    for (int i = 0; i < 8; i++)
        byte = (uint8_t)(byte << 1 | i2c_bit(true));
    i2c_bit(!more);
    return byte;
}

static bool eeprom_address(uint32_t at)
{
    i2c_start();
    return i2c_send(EEPROM_WRITE) && i2c_send((uint8_t)(at >> 8)) && i2c_send((uint8_t)at);
}

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    uint8_t *b = to;
    bool good = eeprom_address(at);

    i2c_start();
    good = good && i2c_send(EEPROM_READ);
    while (n--)
        *b++ = i2c_receive(n > 0);
    i2c_stop();
    return good;
}

/* Never across a page: the store programs at most 64 bytes, aligned to 64 or shorter than what is left. The chip does not
 * acknowledge its address while it is writing. */
static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;
    bool good = eeprom_address(at);

    while (good && n--)
        good = i2c_send(*b++);
    i2c_stop();
    for (uint32_t tries = 0; good && tries < 10000; tries++) {
        i2c_start();
        if (i2c_send(EEPROM_WRITE)) {
            i2c_stop();
            return true;
        }
        i2c_stop();
    }
    return false;
}

static bool flash_erase(uint32_t at)
{
    uint8_t ones[EEPROM_PAGE];

    for (uint32_t i = 0; i < sizeof ones; i++)
        ones[i] = 0xff;
    return flash_program(at, ones, sizeof ones);
}

static uint32_t life __attribute__((section(".noinit")));

static void restart(void)
{
    qemu_restarts(&life);
    AIRCR = AIRCR_RESET;
    for (;;)
        ;
}

const struct agent_board *board_start(void)
{
    static struct agent_board board = {
        .type = "mps2-an385",
        .firmware = "1.0.0",
        .put = uart_put,
        .reset = restart,
        .flash = {.slot_size = SLOT_SIZE, .page = EEPROM_PAGE, .unit = 1,
                  .read = flash_read, .program = flash_program, .erase = flash_erase},
    };

    __asm__ volatile("cpsid i");
    board.uid = qemu_uid(UID);
    board.reset_cause = qemu_reset_cause(&life);
    uart_start();
    return &board;
}

bool board_received(uint8_t *byte)
{
    if (!(UART_STATE & 2u))
        return false;
    *byte = (uint8_t)UART_DATA;
    return true;
}

/* Interrupts stay masked; a pending one still ends `wfi`. The request is cleared before the last look at the UART: a byte
 * that comes while it is being cleared is seen by that look, one that comes later asks again. */
void board_sleep(void)
{
    UART_INT_CLEAR = 2u;
    NVIC_CLEAR_PENDING = UART_RX_IRQ;
    if (!(UART_STATE & 2u))
        __asm__ volatile("wfi");
}
