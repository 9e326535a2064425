/* SPDX-License-Identifier: 0BSD */
#if defined(ESP_PLATFORM) || defined(ARDUINO_ARCH_ESP32) /* an Arduino library is compiled for its other chips too */
#include "esp_place.h"

#include <stddef.h>

#include "esp_mac.h"
#include "esp_partition.h"
#include "esp_system.h"
#include "uid.h"

#define SECTOR 4096u

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
static const char *base_mac(void)
{
    static char text[2 * 6 + 1];
    uint8_t mac[6];

    if (esp_efuse_mac_get_default(mac) != ESP_OK)
        return NULL;
    uid_of_bytes(text, mac, sizeof mac);
    return text;
}

esp_err_t esp_place_find(struct agent_board *board, const char *label)
{
    partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, label);
    if (!partition)
        return ESP_ERR_NOT_FOUND;
    if (partition->encrypted)
        return ESP_ERR_NOT_SUPPORTED;
    board->flash = (struct store_flash){.slot_size = (uint32_t)partition->size / 2u / SECTOR * SECTOR, .page = SECTOR, .unit = 4,
                                        .read = flash_read, .program = flash_program, .erase = flash_erase};
    if (board->flash.slot_size < STORE_ROOM(4u))
        return ESP_ERR_INVALID_SIZE;
    board->uid = base_mac();
    board->reset_cause = reset_cause();
    return board->uid ? ESP_OK : ESP_FAIL;
}
#endif
