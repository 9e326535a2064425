/* SPDX-License-Identifier: 0BSD */
#include "agent_esp.h"

#include "agent.h"
#include "certificate.h"
#include "driver/uart.h"
#include "driver/usb_serial_jtag.h"
#include "esp_mac.h"
#include "esp_partition.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#define SECTOR 4096u
#define RECEIVE_BUFFER 1024 /* a command is at most 512 bytes, and only one is on its way */
#define TASK_STACK 4096
#define TASK_PRIORITY 5

static const esp_partition_t *partition;
static struct agent agent;
static char uid[13];

#if AGENT_USB_JTAG
static esp_err_t open_line(void)
{
    usb_serial_jtag_driver_config_t config = {.tx_buffer_size = 256, .rx_buffer_size = RECEIVE_BUFFER};
    return usb_serial_jtag_driver_install(&config);
}

static void put(uint8_t byte)
{
    usb_serial_jtag_write_bytes(&byte, 1, pdMS_TO_TICKS(100));
}

static int receive(uint8_t *byte)
{
    return usb_serial_jtag_read_bytes(byte, 1, portMAX_DELAY);
}

static void drain(void)
{
    vTaskDelay(pdMS_TO_TICKS(50)); /* the host takes the last packet */
}
#else
static esp_err_t open_line(void)
{
    const uart_config_t config = {.baud_rate = AGENT_BAUD, .data_bits = UART_DATA_8_BITS, .parity = UART_PARITY_DISABLE,
                                  .stop_bits = UART_STOP_BITS_1, .flow_ctrl = UART_HW_FLOWCTRL_DISABLE};
    esp_err_t error = uart_driver_install(AGENT_UART, RECEIVE_BUFFER, 0, 0, NULL, 0);
    return error ? error : uart_param_config(AGENT_UART, &config);
}

static void put(uint8_t byte)
{
    uart_write_bytes(AGENT_UART, &byte, 1);
}

static int receive(uint8_t *byte)
{
    return uart_read_bytes(AGENT_UART, byte, 1, portMAX_DELAY);
}

static void drain(void)
{
    uart_wait_tx_done(AGENT_UART, pdMS_TO_TICKS(1000));
}
#endif

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    return esp_partition_read(partition, at, to, n) == ESP_OK;
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    return esp_partition_write(partition, at, from, n) == ESP_OK;
}

static bool flash_erase(uint32_t at)
{
    return esp_partition_erase_range(partition, at, SECTOR) == ESP_OK;
}

static void restart(void)
{
    drain();
    esp_restart();
}

static const char *reset_cause(void)
{
    switch (esp_reset_reason()) {
    case ESP_RST_POWERON:
    case ESP_RST_BROWNOUT:
        return "power";
    case ESP_RST_SW:
        return "soft";
    case ESP_RST_EXT:
        return "pin";
    case ESP_RST_TASK_WDT:
    case ESP_RST_INT_WDT:
    case ESP_RST_WDT:
        return "watchdog";
    default:
        return "unknown";
    }
}

/* The base MAC, as esptool reports it: the station knows the board by the same uid over either way. */
static bool take_uid(void)
{
    uint8_t mac[6];

    if (esp_efuse_mac_get_default(mac) != ESP_OK)
        return false;
    for (unsigned i = 0; i < 12; i++)
        uid[i] = "0123456789abcdef"[mac[i / 2] >> (i % 2 ? 0 : 4) & 15];
    return true;
}

static bool stored(struct identity_source *from)
{
    *from = store_as_source(&agent.store);
    return agent.store.state == STORE_WRITTEN || agent.store.state == STORE_LOCKED;
}

static void run(void *unused)
{
    uint8_t byte;

    (void)unused;
    for (;;)
        if (receive(&byte) == 1)
            agent_take(&agent, byte);
}

esp_err_t agent_esp_start(void)
{
    static struct agent_board board = {
        .type = "esp-idf", .firmware = "1.0.0", .uid = uid, .put = put, .reset = restart,
        .flash = {.page = SECTOR, .unit = 4, .read = flash_read, .program = flash_program, .erase = flash_erase},
    };
    esp_err_t error;

    partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, AGENT_PARTITION);
    if (!partition)
        return ESP_ERR_NOT_FOUND;
    if (partition->encrypted)
        return ESP_ERR_NOT_SUPPORTED; /* erased cells read as noise there, and the store asks for 0xFF */
    board.flash.slot_size = (uint32_t)partition->size / 2u / SECTOR * SECTOR;
    if (board.flash.slot_size < STORE_HEADER + IDENTITY_MAX + 3u)
        return ESP_ERR_INVALID_SIZE;
    if (!take_uid())
        return ESP_FAIL;
    board.reset_cause = reset_cause();
    error = open_line();
    if (error)
        return error;
    agent_start(&agent, &board);
    certificate_comes_from(stored);
    return xTaskCreate(run, "identity agent", TASK_STACK, NULL, TASK_PRIORITY, NULL) == pdPASS ? ESP_OK : ESP_ERR_NO_MEM;
}
