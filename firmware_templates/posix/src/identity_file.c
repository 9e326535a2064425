/* SPDX-License-Identifier: 0BSD */
#define _POSIX_C_SOURCE 200809L
#include "identity_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "certificate.h"

_Static_assert(IDENTITY_SLOT_SIZE >= STORE_ROOM(16u), "an identity must fit its slot");

int identity_file_open(int directory, const char *name)
{
    struct stat found;
    int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (file < 0)
        return errno == ENOENT ? IDENTITY_NO_FILE : IDENTITY_BAD_FILE;
    if (fstat(file, &found) == 0 && S_ISREG(found.st_mode) && found.st_size == IDENTITY_FILE_SIZE)
        return file;
    close(file);
    return IDENTITY_BAD_FILE;
}

bool identity_file_read(int file, uint32_t at, void *to, uint32_t n)
{
    uint8_t *b = to;

    if (file == IDENTITY_NO_FILE) {
        while (n--)
            *b++ = 0xff;
        return true;
    }
    while (n) {
        ssize_t got = pread(file, b, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        b += got;
        at += (uint32_t)got;
        n -= (uint32_t)got;
    }
    return true;
}

static const char *getters_path;
static int getters_file = IDENTITY_NO_FILE;

static bool getters_read(uint32_t at, void *to, uint32_t n)
{
    return identity_file_read(getters_file, at, to, n);
}

static bool refuse_program(uint32_t at, const void *from, uint32_t n)
{
    (void)at, (void)from, (void)n;
    return false;
}

static bool refuse_erase(uint32_t at)
{
    (void)at;
    return false;
}

/* The file stays open until the next call: the source is read after this returns. */
static bool getters_source(struct identity_source *from)
{
    static const struct store_flash flash = {.slot_size = IDENTITY_SLOT_SIZE, .page = IDENTITY_SLOT_SIZE, .unit = 16,
                                             .read = getters_read, .program = refuse_program, .erase = refuse_erase};
    static struct store store;

    if (getters_file >= 0)
        close(getters_file);
    getters_file = identity_file_open(AT_FDCWD, getters_path);
    if (getters_file < 0)
        return false;
    store_open(&store, &flash);
    *from = store_as_source(&store);
    return store_holds(&store);
}

void identity_file_for_getters(const char *path)
{
    getters_path = path;
    certificate_comes_from(getters_source);
}
