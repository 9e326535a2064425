/* SPDX-License-Identifier: 0BSD */
/* The Zephyr template on this machine: a partition, a UART by interrupts, one thread. */
#include <errno.h>
#include <string.h>
#include <zephyr/device.h>
#include <zephyr/drivers/hwinfo.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/storage/flash_map.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>

#include "host_board.h"
#include "identity_zephyr.h"

#define PARTITION_SIZE 0x2000u
#define ALIGN 16u

const struct device stub_device = {"uart"};
static const struct flash_area partition = {.fa_size = PARTITION_SIZE};
static uart_irq_callback_user_data_t on_interrupt;
static k_thread_entry_t started;
static uint8_t arrived[1];
static int arrivals;
static uint32_t ring_in, ring_out;

bool device_is_ready(const struct device *device) { return device == &stub_device; }

int flash_area_open(uint8_t id, const struct flash_area **area)
{
    *area = &partition;
    return id == FIXED_PARTITION_ID(identity_partition) ? 0 : -ENOENT;
}

int flash_area_read(const struct flash_area *area, off_t at, void *to, size_t n)
{
    if (area != &partition || (size_t)at + n > PARTITION_SIZE)
        return -EINVAL;
    memcpy(to, host_cells + at, n);
    return 0;
}

int flash_area_write(const struct flash_area *area, off_t at, const void *from, size_t n)
{
    return area == &partition && host_program((uint32_t)at, from, (uint32_t)n, ALIGN) ? 0 : -EINVAL;
}

int flash_area_erase(const struct flash_area *area, off_t at, size_t n)
{
    return area == &partition && host_erase((uint32_t)at, (uint32_t)n) ? 0 : -EINVAL;
}

uint32_t flash_area_align(const struct flash_area *area) { return (void)area, ALIGN; }

ssize_t hwinfo_get_device_id(uint8_t *buffer, size_t length)
{
    memcpy(buffer, host_uid, sizeof host_uid);
    return length >= sizeof host_uid ? (ssize_t)sizeof host_uid : -1;
}

int hwinfo_get_reset_cause(uint32_t *cause)
{
    *cause = host_restarted ? RESET_SOFTWARE : RESET_POR;
    return 0;
}

int hwinfo_clear_reset_cause(void) { return 0; }

int uart_irq_callback_user_data_set(const struct device *device, uart_irq_callback_user_data_t call, void *user_data)
{
    (void)device, (void)user_data;
    on_interrupt = call;
    return 0;
}

void uart_irq_rx_enable(const struct device *device) { (void)device; }
int uart_irq_update(const struct device *device) { return (void)device, 1; }
int uart_irq_rx_ready(const struct device *device) { return (void)device, arrivals > 0; }

int uart_fifo_read(const struct device *device, uint8_t *to, const int n)
{
    (void)device;
    if (n < 1 || !arrivals)
        return 0;
    *to = arrived[--arrivals];
    return 1;
}

void uart_poll_out(const struct device *device, unsigned char byte) { (void)device, host_send(byte); }

uint32_t ring_buf_put(struct ring_buf *ring, const uint8_t *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        ring->buffer[ring_in++ % ring->size] = from[i];
    return n;
}

uint32_t ring_buf_get(struct ring_buf *ring, uint8_t *to, uint32_t n)
{
    if (ring_out == ring_in || n < 1)
        return 0;
    *to = ring->buffer[ring_out++ % ring->size];
    return 1;
}

/* Nothing else runs here: who waits, waits for the line. */
int k_sem_take(struct k_sem *sem, k_timeout_t timeout)
{
    (void)timeout;
    while (!sem->count) {
        arrived[arrivals++] = host_receive();
        on_interrupt(&stub_device, NULL);
    }
    sem->count--;
    return 0;
}

void k_sem_give(struct k_sem *sem) { sem->count = sem->limit; }
int32_t k_msleep(int32_t ms) { return (void)ms, 0; }
void sys_reboot(int type) { (void)type, host_restart(), __builtin_abort(); }

k_tid_t k_thread_create(struct k_thread *thread, k_thread_stack_t *stack, size_t size, k_thread_entry_t entry, void *p1,
                        void *p2, void *p3, int priority, uint32_t options, k_timeout_t delay)
{
    (void)stack, (void)size, (void)p1, (void)p2, (void)p3, (void)priority, (void)options, (void)delay;
    started = entry;
    return thread;
}

int main(int argc, char **argv)
{
    host_begin(argc, argv, NULL, PARTITION_SIZE);
    if (identity_agent_start() != 0)
        return 1;
    started(NULL, NULL, NULL);
}
