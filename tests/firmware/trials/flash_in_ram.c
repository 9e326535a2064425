/* SPDX-License-Identifier: 0BSD */
#include "flash_in_ram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct image now;
uint32_t tear, bytes_left = NEVER, bytes_done, refused = NEVER, erases[2];
bool stays_so, silent;
jmp_buf power_lost;

void fault(const char *what)
{
    printf("%s\n", what);
    exit(1);
}

static uint32_t unit_of(uint32_t at)
{
    return at / flash.unit * flash.unit;
}

/* One byte of an operation becomes `to`; here the power may go. */
static void put_byte(uint32_t at, uint8_t to)
{
    if (bytes_left-- == 0) {
        if (tear == 1)
            now.cells[at] = (uint8_t)((now.cells[at] & 0x55) | (to & 0xaa));
        if (tear == 2)
            now.unreadable[unit_of(at)] = 1;
        longjmp(power_lost, 1);
    }
    bytes_done++;
    now.cells[at] = to;
}

/* How many of its `n` bytes an operation does. */
static uint32_t takes(uint32_t n, bool *good)
{
    bool struck = refused == 0;

    *good = !struck || silent;
    if (!struck && refused != NEVER)
        refused--;
    else if (struck && !stays_so)
        refused = NEVER;
    return struck ? tear * n / 2 : n;
}

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (now.unreadable[unit_of(at + i)])
            return false;
    memcpy(to, now.cells + at, n);
    return true;
}

static bool is_ones(const uint8_t *b)
{
    for (uint32_t i = 0; i < flash.unit; i++)
        if (b[i] != 0xff)
            return false;
    return true;
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;
    bool good;
    uint32_t most = takes(n, &good);

    if (at % flash.unit || n % flash.unit || n > 64)
        fault("a program that is no whole units");
    for (uint32_t i = 0; i < most; i += flash.unit) {
        if (is_ones(b + i))
            continue;
        if (now.used[at + i])
            fault("a unit is programmed twice");
        if (now.weak[at + i])
            fault("cells are programmed whose erase was cut short");
        now.used[at + i] = 1;
        for (uint32_t j = i; j < i + flash.unit && j < most; j++)
            put_byte(at + j, now.cells[at + j] & b[j]);
    }
    return good;
}

static bool flash_erase(uint32_t at)
{
    bool good;
    uint32_t most = takes(PAGE, &good);

    erases[at / SLOT]++;
    memset(now.weak + at, 1, PAGE);
    for (uint32_t i = at; i < at + most; i++) {
        put_byte(i, 0xff);
        if ((i + 1) % flash.unit == 0)
            now.used[unit_of(i)] = now.unreadable[unit_of(i)] = 0;
    }
    if (good)
        memset(now.weak + at, 0, PAGE);
    return good;
}

struct store_flash flash = {
    .slot_size = SLOT, .page = PAGE, .read = flash_read, .program = flash_program, .erase = flash_erase
};

void erase_all(void)
{
    memset(&now, 0, sizeof now);
    memset(now.cells, 0xff, SIZE);
}
