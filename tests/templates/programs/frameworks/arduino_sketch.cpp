/* SPDX-License-Identifier: 0BSD */
/* A sketch with the Arduino template, and either chip's core as far as it is needed, on this machine. */
#include <StationIdentity.h>

#include "host_board.h"

#ifdef ARDUINO_ARCH_ESP32
#include <esp_mac.h>
#include <esp_partition.h>
#include <esp_system.h>
static void *const CELLS_AT = nullptr;
#else
#include <hardware/flash.h>
#include <hardware/watchdog.h>
#include <pico/unique_id.h>
static void *const CELLS_AT = reinterpret_cast<void *>(XIP_BASE + PICO_FLASH_SIZE_BYTES - 3u * FLASH_SECTOR_SIZE);
#endif
static constexpr uint32_t CELLS = 0x2000;

class Line : public Stream {
  public:
    int available() override { return host_has_received(); }
    int read() override { return host_receive(); }
    size_t write(uint8_t byte) override { return host_send(byte), 1; }
    void flush() override {}
};

void noInterrupts() {}
void interrupts() {}
void delay(unsigned long) {}

#ifdef ARDUINO_ARCH_ESP32
static const esp_partition_t identity = {0, CELLS, 4096, false};
const esp_partition_t *esp_partition_find_first(esp_partition_type_t, esp_partition_subtype_t, const char *)
{
    return &identity;
}
esp_err_t esp_partition_read(const esp_partition_t *, size_t at, void *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        static_cast<uint8_t *>(to)[i] = host_cells[at + i];
    return ESP_OK;
}
esp_err_t esp_partition_write(const esp_partition_t *, size_t at, const void *from, size_t n)
{
    return host_program(static_cast<uint32_t>(at), from, static_cast<uint32_t>(n), 0) ? ESP_OK : ESP_FAIL;
}
esp_err_t esp_partition_erase_range(const esp_partition_t *, size_t at, size_t)
{
    return host_erase(static_cast<uint32_t>(at), 4096) ? ESP_OK : ESP_FAIL;
}
esp_err_t esp_efuse_mac_get_default(uint8_t *mac)
{
    for (int i = 0; i < 6; i++)
        mac[i] = host_uid[i + 2];
    return ESP_OK;
}
esp_reset_reason_t esp_reset_reason(void) { return host_restarted ? ESP_RST_SW : ESP_RST_POWERON; }
void esp_restart(void)
{
    host_restart();
    __builtin_trap();
}
#else
RP2040 rp2040;
static bool nobody_fetches;
void RP2040::idleOtherCore() { nobody_fetches = true; }
void RP2040::resumeOtherCore() { nobody_fetches = false; }
void RP2040::reboot() { host_restart(); }
bool watchdog_caused_reboot(void) { return host_restarted; }
static uint32_t in_file(uint32_t at) { return at - (PICO_FLASH_SIZE_BYTES - 3u * FLASH_SECTOR_SIZE); }
void flash_range_erase(uint32_t at, size_t n)
{
    if (!nobody_fetches || n != FLASH_SECTOR_SIZE || !host_erase(in_file(at), FLASH_SECTOR_SIZE))
        __builtin_trap();
}
/* NOR cells: ones leave what is there. */
void flash_range_program(uint32_t at, const uint8_t *from, size_t n)
{
    if (!nobody_fetches || at % FLASH_PAGE_SIZE || n != FLASH_PAGE_SIZE)
        __builtin_trap();
    for (size_t i = 0; i < n; i++)
        host_cells[in_file(at) + i] &= from[i];
}
void pico_get_unique_board_id(pico_unique_board_id_t *id)
{
    for (int i = 0; i < 8; i++)
        id->id[i] = host_uid[i];
}
#endif

static Line line;

extern "C" int main(int argc, char **argv)
{
    host_begin(argc, argv, CELLS_AT, CELLS);
    if (!stationBegin(line))
        return 1;
    for (;;) {
        host_wait();
        stationLoop();
    }
}
