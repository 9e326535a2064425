/* SPDX-License-Identifier: 0BSD */
#include "agent_esp.h"

#include "agent.h"
#include "certificate.h"
#include "driver/uart.h"
#include "driver/usb_serial_jtag.h"
#include "esp_place.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#define RECEIVE_BUFFER 1024 /* a command is at most 512 bytes, and only one is on its way */
#define TASK_STACK 4096
#define TASK_PRIORITY 5

static struct agent agent;

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

static void restart(void)
{
    drain();
    esp_restart();
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
    static struct agent_board board = {.type = "esp-idf", .firmware = "1.0.0", .put = put, .reset = restart};
    esp_err_t error = esp_place_find(&board, AGENT_PARTITION);

    if (!error)
        error = open_line();
    if (error)
        return error;
    agent_start(&agent, &board);
    certificate_comes_from_store(&agent.store);
    return xTaskCreate(run, "identity agent", TASK_STACK, NULL, TASK_PRIORITY, NULL) == pdPASS ? ESP_OK : ESP_ERR_NO_MEM;
}
