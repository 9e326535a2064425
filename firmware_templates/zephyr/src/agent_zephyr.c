/* SPDX-License-Identifier: 0BSD */
#include <errno.h>
#include <zephyr/device.h>
#include <zephyr/drivers/hwinfo.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>

#include "agent.h"
#include "certificate.h"
#include "identity_zephyr.h"
#include "uid.h"

#define STACK 2048
#define PRIORITY 7
#define UNIT_MAX 32u /* an H7's */
#define UID_BYTES 16

static const struct device *const line = DEVICE_DT_GET(DT_CHOSEN(station_uart));
static const struct flash_area *area;
static struct agent agent;

RING_BUF_DECLARE(received, 1024); /* a command is at most 512 bytes, and only one is on its way */
static K_SEM_DEFINE(something, 0, 1);
static K_THREAD_STACK_DEFINE(stack, STACK);
static struct k_thread thread;

static void on_interrupt(const struct device *uart, void *unused)
{
    uint8_t bytes[32];

    (void)unused;
    while (uart_irq_update(uart) && uart_irq_rx_ready(uart)) {
        int n = uart_fifo_read(uart, bytes, sizeof bytes);
        if (n <= 0)
            break;
        ring_buf_put(&received, bytes, (uint32_t)n);
        k_sem_give(&something);
    }
}

static void put(uint8_t byte)
{
    uart_poll_out(line, byte);
}

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    return flash_area_read(area, (off_t)at, to, n) == 0;
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    return flash_area_write(area, (off_t)at, from, n) == 0;
}

static bool flash_erase(uint32_t at)
{
    return flash_area_erase(area, (off_t)at, CONFIG_IDENTITY_PAGE) == 0;
}

static void restart(void)
{
    k_msleep(20); /* the last bytes are still in the UART */
    sys_reboot(SYS_REBOOT_COLD);
}

static const char *reset_cause(void)
{
    uint32_t cause;

    if (hwinfo_get_reset_cause(&cause) != 0)
        return "unknown";
    hwinfo_clear_reset_cause();
    return cause & RESET_WATCHDOG                 ? "watchdog"
           : cause & RESET_SOFTWARE               ? "soft"
           : cause & (RESET_POR | RESET_BROWNOUT) ? "power"
           : cause & RESET_PIN                    ? "pin"
                                                  : "unknown";
}

/* NULL when the chip has no id, or half of one. */
static const char *uid_text(void)
{
    static char text[2 * UID_BYTES + 1];
    uint8_t id[UID_BYTES];
    ssize_t n = hwinfo_get_device_id(id, sizeof id);

    if (n < 4)
        return NULL;
    uid_of_bytes(text, id, (uint32_t)n);
    return text;
}

static void run(void *a, void *b, void *c)
{
    uint8_t byte;

    (void)a, (void)b, (void)c;
    for (;;) {
        k_sem_take(&something, K_FOREVER);
        while (ring_buf_get(&received, &byte, 1) == 1)
            agent_take(&agent, byte);
    }
}

int identity_agent_start(void)
{
    static struct agent_board board = {
        .type = "zephyr", .firmware = "1.0.0", .put = put, .reset = restart,
        .flash = {.page = CONFIG_IDENTITY_PAGE, .read = flash_read, .program = flash_program, .erase = flash_erase},
    };
    int error = flash_area_open(FIXED_PARTITION_ID(identity_partition), &area);

    if (error)
        return error;
    board.flash.unit = flash_area_align(area);
    board.flash.slot_size = (uint32_t)area->fa_size / 2u / CONFIG_IDENTITY_PAGE * CONFIG_IDENTITY_PAGE;
    if (board.flash.slot_size < STORE_ROOM(UNIT_MAX))
        return -ENOSPC;
    board.uid = uid_text();
    if (!board.uid || board.flash.unit > UNIT_MAX || !device_is_ready(line))
        return -EINVAL;
    board.reset_cause = reset_cause();
    agent_start(&agent, &board);
    certificate_comes_from_store(&agent.store);
    uart_irq_callback_user_data_set(line, on_interrupt, NULL);
    uart_irq_rx_enable(line);
    k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), run, NULL, NULL, NULL, PRIORITY, 0, K_NO_WAIT);
    return 0;
}
