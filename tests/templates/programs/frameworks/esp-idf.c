/* SPDX-License-Identifier: 0BSD */
/* The ESP-IDF template on this machine: a partition, a UART, one task. */
#include <stdlib.h>
#include <string.h>

#include "agent_config.h"
#include "agent_esp.h"
#include "driver/uart.h"
#include "driver/usb_serial_jtag.h"
#include "esp_mac.h"
#include "esp_partition.h"
#include "esp_system.h"
#include "freertos/task.h"
#include "host_board.h"

#define PARTITION_SIZE 0x2000u

static const esp_partition_t identity = {.size = PARTITION_SIZE, .erase_size = 4096};
static void (*started)(void *);

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype, const char *label)
{
    (void)type, (void)subtype;
    return strcmp(label, AGENT_PARTITION) ? NULL : &identity;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t at, void *to, size_t n)
{
    if (partition != &identity || at + n > PARTITION_SIZE)
        return ESP_FAIL;
    memcpy(to, host_cells + at, n);
    return ESP_OK;
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t at, const void *from, size_t n)
{
    return partition == &identity && host_program((uint32_t)at, from, (uint32_t)n, 0) ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t at, size_t n)
{
    return partition == &identity && n == 4096 && host_erase((uint32_t)at, 4096) ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_efuse_mac_get_default(uint8_t *mac)
{
    memcpy(mac, host_uid + 2, 6);
    return ESP_OK;
}

esp_reset_reason_t esp_reset_reason(void) { return host_restarted ? ESP_RST_SW : ESP_RST_POWERON; }
void esp_restart(void) { host_restart(), abort(); }

esp_err_t uart_driver_install(uart_port_t uart, int rx_size, int tx_size, int queue_size, QueueHandle_t *queue, int flags)
{
    (void)tx_size, (void)queue_size, (void)queue, (void)flags;
    return uart == AGENT_UART && rx_size >= 512 ? ESP_OK : ESP_FAIL;
}

esp_err_t uart_param_config(uart_port_t uart, const uart_config_t *config)
{
    return uart == AGENT_UART && config->baud_rate == AGENT_BAUD ? ESP_OK : ESP_FAIL;
}

int uart_write_bytes(uart_port_t uart, const void *from, size_t n)
{
    (void)uart;
    for (const uint8_t *b = from; n; n--)
        host_send(*b++);
    return 1;
}

int uart_read_bytes(uart_port_t uart, void *to, uint32_t n, TickType_t wait)
{
    (void)uart, (void)n, (void)wait;
    *(uint8_t *)to = host_receive();
    return 1;
}

esp_err_t uart_wait_tx_done(uart_port_t uart, TickType_t wait) { return (void)uart, (void)wait, ESP_OK; }

BaseType_t xTaskCreate(TaskFunction_t task, const char *name, uint32_t stack, void *argument, UBaseType_t priority,
                       TaskHandle_t *handle)
{
    (void)name, (void)stack, (void)argument, (void)priority, (void)handle;
    started = task;
    return pdPASS;
}

int main(int argc, char **argv)
{
    host_begin(argc, argv, NULL, PARTITION_SIZE);
    if (agent_esp_start() != ESP_OK)
        return 1;
    started(NULL);
}
