/* SPDX-License-Identifier: 0BSD */
/* ESP32: a data partition called “identity”, two halves of whole sectors; see README.md for partitions.csv. */
#ifdef ARDUINO_ARCH_ESP32
#include <Arduino.h>
#include <esp_mac.h>
#include <esp_partition.h>
#include <esp_system.h>

#include "place.h"

static constexpr uint32_t SECTOR = 4096;
static const esp_partition_t *partition;

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

static void restart()
{
    delay(50); /* the last bytes leave */
    esp_restart();
}

static const char *reset_cause()
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

bool place_find(struct agent_board &board)
{
    static char uid[13]; /* the base MAC, as esptool reports it */
    uint8_t mac[6];

    partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "identity");
    if (!partition || partition->encrypted || esp_efuse_mac_get_default(mac) != ESP_OK)
        return false;
    for (unsigned i = 0; i < 12; i++)
        uid[i] = "0123456789abcdef"[mac[i / 2] >> (i % 2 ? 0 : 4) & 15];
    board.type = "arduino-esp32";
    board.uid = uid;
    board.reset_cause = reset_cause();
    board.reset = restart;
    board.flash = {partition->size / 2 / SECTOR * SECTOR, SECTOR, 4, flash_read, flash_program, flash_erase};
    return true;
}
#endif
