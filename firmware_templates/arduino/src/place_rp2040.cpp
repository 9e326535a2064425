/* SPDX-License-Identifier: 0BSD */
/* RP2040 (arduino-pico): two sectors of flash just below the last one, which the core's EEPROM library uses. */
#ifdef ARDUINO_ARCH_RP2040
#include <Arduino.h>
#include <hardware/flash.h>
#include <hardware/watchdog.h>
#include <pico/unique_id.h>

#include "place.h"

#ifndef STATION_FLASH_OFFSET
#define STATION_FLASH_OFFSET (PICO_FLASH_SIZE_BYTES - 3u * FLASH_SECTOR_SIZE)
#endif

/* Code runs from this flash: while it is written, nobody may fetch an instruction from it. */
class NobodyFetches {
  public:
    NobodyFetches()
    {
        rp2040.idleOtherCore();
        noInterrupts();
    }
    ~NobodyFetches()
    {
        interrupts();
        rp2040.resumeOtherCore();
    }
    NobodyFetches(const NobodyFetches &) = delete;
    NobodyFetches &operator=(const NobodyFetches &) = delete;
};

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    const uint8_t *from = reinterpret_cast<const uint8_t *>(XIP_BASE + STATION_FLASH_OFFSET + at);
    uint8_t *b = static_cast<uint8_t *>(to);
    while (n--)
        *b++ = *from++;
    return true;
}

/* The chip programs whole pages; ones beside the piece leave what is there as it is. A piece never crosses a page: at most
 * 64 bytes, aligned to 64 or shorter than what is left. */
static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    static uint8_t page[FLASH_PAGE_SIZE];
    const uint8_t *b = static_cast<const uint8_t *>(from);
    uint32_t start = at % FLASH_PAGE_SIZE;

    for (uint32_t i = 0; i < FLASH_PAGE_SIZE; i++)
        page[i] = i >= start && i < start + n ? b[i - start] : 0xff;
    {
        NobodyFetches guard;
        flash_range_program(STATION_FLASH_OFFSET + at - start, page, FLASH_PAGE_SIZE);
    }
    for (volatile uint8_t *p = page; p < page + FLASH_PAGE_SIZE; p++)
        *p = 0; /* it held a piece of a secret */
    return true;
}

static bool flash_erase(uint32_t at)
{
    NobodyFetches guard;
    flash_range_erase(STATION_FLASH_OFFSET + at, FLASH_SECTOR_SIZE);
    return true;
}

static void restart()
{
    delay(50); /* the last bytes leave */
    rp2040.reboot();
}

bool place_find(struct agent_board &board)
{
    static char uid[2 * sizeof(pico_unique_board_id_t::id) + 1]; /* of the flash chip: it must not be exchanged */
    pico_unique_board_id_t id;

    pico_get_unique_board_id(&id);
    uid_of_bytes(uid, id.id, sizeof id.id);
    board.type = "arduino-rp2040";
    board.uid = uid;
    board.reset_cause = watchdog_caused_reboot() ? "soft" : "power"; /* reboot() goes through the watchdog */
    board.reset = restart;
    board.flash = {FLASH_SECTOR_SIZE, FLASH_SECTOR_SIZE, 4, flash_read, flash_program, flash_erase};
    return true;
}
#endif
