/* SPDX-License-Identifier: 0BSD */
#define _GNU_SOURCE
#include "host_board.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESTARTED "HOST_BOARD_RESTARTED"

uint8_t host_uid[8], *host_cells;
bool host_restarted;
static uint32_t cells_size;
static char **arguments;

static void erase_new_file(int file)
{
    struct stat found;
    uint8_t ones[256];

    memset(ones, 0xff, sizeof ones);
    for (fstat(file, &found); found.st_size < cells_size; found.st_size += (off_t)sizeof ones)
        if (write(file, ones, sizeof ones) != (ssize_t)sizeof ones)
            abort();
}

void host_begin(int argc, char **argv, void *where, uint32_t size)
{
    int file = argc == 3 ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    unsigned byte;

    if (file < 0)
        abort();
    arguments = argv;
    cells_size = size;
    erase_new_file(file);
    host_cells = mmap(where, size, PROT_READ | PROT_WRITE, MAP_SHARED | (where ? MAP_FIXED_NOREPLACE : 0), file, 0);
    if (host_cells == MAP_FAILED)
        abort();
    for (unsigned i = 0; i < sizeof host_uid && sscanf(argv[2] + 2 * i, "%2x", &byte) == 1; i++)
        host_uid[i] = (uint8_t)byte;
    host_restarted = getenv(RESTARTED) != NULL;
}

bool host_program(uint32_t at, const void *from, uint32_t n, uint32_t unit)
{
    const uint8_t *b = from;

    if (at + n > cells_size || (unit && (at % unit || n % unit)))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (unit ? host_cells[at + i] != 0xff : (host_cells[at + i] & b[i]) != b[i])
            return false;
    memcpy(host_cells + at, b, n);
    return true;
}

bool host_erase(uint32_t at, uint32_t n)
{
    if (at + n > cells_size || at % n)
        return false;
    memset(host_cells + at, 0xff, n);
    return true;
}

uint8_t host_receive(void)
{
    uint8_t byte;

    if (read(STDIN_FILENO, &byte, 1) != 1)
        exit(0);
    return byte;
}

static bool has_received(int within_ms)
{
    struct pollfd line = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&line, 1, within_ms) == 1;
}

bool host_has_received(void)
{
    return has_received(0);
}

void host_wait(void)
{
    has_received(-1);
}

void host_send(uint8_t byte)
{
    if (write(STDOUT_FILENO, &byte, 1) != 1)
        exit(1);
}

void host_restart(void)
{
    setenv(RESTARTED, "1", 1);
    execv("/proc/self/exe", arguments);
    abort();
}
