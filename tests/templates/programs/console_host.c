/* SPDX-License-Identifier: 0BSD */
/* Every console dialect on this machine: PROGRAM DIALECT, bytes in, answers out; flash is RAM. A restart ends it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialects.h"
#include "kv.h"

#define SLOT 1024u

static uint8_t cells[2 * SLOT];

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    memcpy(to, cells + at, n);
    return true;
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (((cells[at + i] &= ((const uint8_t *)from)[i])) != ((const uint8_t *)from)[i])
            return false;
    return true;
}

static bool flash_erase(uint32_t at)
{
    memset(cells + at, 0xff, SLOT);
    return true;
}

static void put(uint8_t byte)
{
    putchar(byte);
}

static void restart(void)
{
    exit(0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        const struct dialect *dialect;
    } table[] = {
        {"alios-linkkey-a", &dialect_alios_linkkey_a},   {"alios-linkkey-b", &dialect_alios_linkkey_b},
        {"at-idmau", &dialect_at_idmau},                 {"at-idmau-w800", &dialect_at_idmau_w800},
        {"mxchip-ilopset", &dialect_mxchip_ilopset},     {"hiflying-prodevice", &dialect_hiflying_prodevice},
        {"esp-at-sysmfg", &dialect_esp_at_sysmfg},       {"nordic-cmng", &dialect_nordic_cmng},
        {"zephyr-settings", &dialect_zephyr_settings},
    };
    static const struct agent_board board = {
        .uid = "00a1b2c3d4e5f607", .put = put, .reset = restart,
        .flash = {.slot_size = SLOT, .page = SLOT, .unit = 1,
                  .read = flash_read, .program = flash_program, .erase = flash_erase},
    };
    static struct console console;

    memset(cells, 0xff, sizeof cells);
    kv_open(&board.flash);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (argc == 2 && !strcmp(argv[1], table[i].name))
            console_start(&console, table[i].dialect, &board);
    for (int byte; console.dialect && (byte = getchar()) != EOF;)
        console_take(&console, (uint8_t)byte);
    return console.dialect ? 0 : 2;
}
