/* SPDX-License-Identifier: 0BSD */
#define _DEFAULT_SOURCE /* flock */
#include "file_flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bytes.h"

#define NAME_MAX_LENGTH 200
/* Offsets in a slot at which a record begins or stops to be valid, or is locked. */
#define WORDS_THAT_COUNT 32u

static int directory = -1, file = IDENTITY_NO_FILE;
static char name[NAME_MAX_LENGTH + 1], fresh_name[NAME_MAX_LENGTH + 8];
static uint8_t image[IDENTITY_FILE_SIZE]; /* what the next file will hold; zeros while `changing` is false */
static bool changing;

static void forget_changes(void)
{
    bytes_wipe(image, sizeof image);
    changing = false;
}

static bool begin_change(void)
{
    if (!changing)
        changing = identity_file_read(file, 0, image, sizeof image);
    return changing;
}

static bool write_all(int to)
{
    for (size_t done = 0; done < sizeof image;) {
        ssize_t n = write(to, image + done, sizeof image - done);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            done += (size_t)n;
    }
    return fsync(to) == 0;
}

static bool replace_file(void)
{
    int fresh = openat(directory, fresh_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written = fresh >= 0 && write_all(fresh);

    if (fresh >= 0 && close(fresh) != 0)
        written = false;
    if (!written || renameat(directory, fresh_name, directory, name) != 0) {
        unlinkat(directory, fresh_name, 0);
        return false;
    }
    return fsync(directory) == 0;
}

/* After a failure, too, the file is what is read from then on: it may be the new one. */
static bool make_it_so(void)
{
    bool done = replace_file();

    forget_changes();
    if (file >= 0)
        close(file);
    file = identity_file_open(directory, name);
    return done && file >= 0;
}

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    if (!changing)
        return identity_file_read(file, at, to, n);
    bytes_copy(to, image + at, n);
    return true;
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;
    uint32_t in_slot = at % IDENTITY_SLOT_SIZE;

    if (!begin_change())
        return false;
    for (uint32_t i = 0; i < n; i++)
        image[at + i] &= b[i];
    return in_slot < WORDS_THAT_COUNT || in_slot >= STORE_HEADER(16u) || make_it_so();
}

/* A slot is erased to be written: both are one new file. */
static bool flash_erase(uint32_t at)
{
    if (!begin_change())
        return false;
    memset(image + at, 0xff, IDENTITY_SLOT_SIZE);
    return true;
}

static bool take_lock(void)
{
    char lock_name[NAME_MAX_LENGTH + 8];
    int lock;

    snprintf(lock_name, sizeof lock_name, ".%s.lock", name);
    lock = openat(directory, lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0;
}

const char *file_flash_open(const char *path, struct store_flash *flash)
{
    const char *slash = strrchr(path, '/');
    char folder[4096];

    if (strlen(path) >= sizeof folder || strlen(slash ? slash + 1 : path) > NAME_MAX_LENGTH)
        return "the identity file's name is too long";
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : path);
    snprintf(fresh_name, sizeof fresh_name, ".%s.new", name);
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return "the identity file's directory cannot be opened";
    if (!take_lock())
        return "another agent runs on this identity file, or its directory cannot be written";
    unlinkat(directory, fresh_name, 0); /* a secret that an interrupted write left behind */
    file = identity_file_open(directory, name);
    if (file == IDENTITY_BAD_FILE)
        return "the identity file is not one: it cannot be read, or has another size";
    *flash = (struct store_flash){.slot_size = IDENTITY_SLOT_SIZE, .page = IDENTITY_SLOT_SIZE, .unit = 16,
                                  .read = flash_read, .program = flash_program, .erase = flash_erase};
    return NULL;
}
