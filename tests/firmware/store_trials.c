/* SPDX-License-Identifier: 0BSD */
/*
 * The record's store over flash in RAM, whose power goes at any byte of any operation. Built and called by store_trials.py:
 *     store_trials UNIT TEAR cut WHAT STEP [FILE]   WHAT is "first", "replace", "lock" or "open"; every STEP-th pair of cuts
 *     store_trials UNIT TEAR flip WHAT              each single bit, in an "open", "keyless" or "locked" record
 *     store_trials UNIT TEAR read FILE              what an image holds once it was opened; FILE then has what it became
 * FILE is an image of both slots, to begin with. TEAR: 0 the byte in hand is untouched, 1 half of its bits are done, 2 the unit
 * in hand can no more be read, as with ECC.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define PAGE 128u
#define SLOT 384u
#define SIZE (2u * SLOT)
#define NEVER 0xffffffffu

static uint8_t cells[SIZE], used[SIZE], unreadable[SIZE]; /* the latter two for the first byte of a unit */
static uint8_t weak[SIZE]; /* reads as ones, but its erase was cut short */
static uint32_t left = NEVER, done, tear;
static jmp_buf power_lost;
static struct store_flash flash;

static uint32_t unit_of(uint32_t at)
{
    return at / flash.unit * flash.unit;
}

/* One byte of an operation becomes `to`; here the power may go. */
static void put_byte(uint32_t at, uint8_t to)
{
    if (left-- == 0) {
        if (tear == 1)
            cells[at] = (uint8_t)((cells[at] & 0x55) | (to & 0xaa));
        if (tear == 2)
            unreadable[unit_of(at)] = 1;
        longjmp(power_lost, 1);
    }
    done++;
    cells[at] = to;
}

static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (unreadable[unit_of(at + i)])
            return false;
    memcpy(to, cells + at, n);
    return true;
}

static void fault(const char *what)
{
    printf("%s\n", what);
    exit(1);
}

static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;

    if (at % flash.unit || n % flash.unit || n > 64)
        fault("a program that is no whole units");
    for (uint32_t i = 0; i < n; i += flash.unit) {
        bool ones = true;
        for (uint32_t j = 0; j < flash.unit; j++)
            ones = ones && b[i + j] == 0xff;
        if (ones)
            continue;
        if (used[at + i])
            fault("a unit is programmed twice");
        if (weak[at + i])
            fault("cells are programmed whose erase was cut short");
        used[at + i] = 1;
        for (uint32_t j = 0; j < flash.unit; j++)
            put_byte(at + i + j, cells[at + i + j] & b[i + j]);
    }
    return true;
}

static bool flash_erase(uint32_t at)
{
    memset(weak + at, 1, PAGE);
    for (uint32_t i = at; i < at + PAGE; i++) {
        put_byte(i, 0xff);
        if ((i + 1) % flash.unit == 0)
            used[unit_of(i)] = unreadable[unit_of(i)] = 0;
    }
    memset(weak + at, 0, PAGE);
    return true;
}

struct one {
    struct identity id;
    uint8_t key[STORE_KEY];
    const char *name, *secret;
};

static struct one old_one = {.name = "cam-old", .secret = "01dSecret0000000000000000000000a"},
                  new_one = {.name = "cam-new-with-a-longer-name", .secret = "f4e5hSecret00000000000000000000b"};

static void make(struct one *one, uint8_t key)
{
    identity_begin(&one->id, 0);
    identity_put(&one->id, 0, FIELD_PK, "a1B2c3D4e5F", 11);
    identity_put(&one->id, 0, FIELD_DN, one->name, (uint32_t)strlen(one->name));
    identity_put(&one->id, 0, FIELD_DS, one->secret, (uint32_t)strlen(one->secret));
    memset(one->key, key, sizeof one->key);
}

struct image {
    uint8_t cells[SIZE], used[SIZE], unreadable[SIZE], weak[SIZE];
};

static void take(struct image *image)
{
    memcpy(image->cells, cells, SIZE);
    memcpy(image->used, used, SIZE);
    memcpy(image->unreadable, unreadable, SIZE);
    memcpy(image->weak, weak, SIZE);
}

static void give(const struct image *image)
{
    memcpy(cells, image->cells, SIZE);
    memcpy(used, image->used, SIZE);
    memcpy(unreadable, image->unreadable, SIZE);
    memcpy(weak, image->weak, SIZE);
}

static bool holds(const struct store *s, const struct one *one)
{
    struct identity_source from = store_as_source(s);
    uint8_t bytes[IDENTITY_MAX], key[STORE_KEY];

    return store_holds(s) && from.length == one->id.length &&
           from.read(from.where, 0, bytes, from.length) && memcmp(bytes, one->id.bytes, from.length) == 0 &&
           store_key(s, key) && memcmp(key, one->key, sizeof key) == 0;
}

static bool in_cells(const char *secret)
{
    size_t n = strlen(secret) / 2;
    for (uint32_t at = 0; at + n <= SIZE; at++)
        if (memcmp(cells + at, secret, n) == 0)
            return true;
    return false;
}

static uint32_t runs, half, lost, behind, unlike;
static struct image old_image, first_image, new_image, locked_image;

static bool is_image(const struct image *image)
{
    return memcmp(cells, image->cells, SIZE) == 0;
}

/* After a start: the old record or the new one, whole, in both slots, with nothing of the other one. */
static void judge(const struct store *s, bool blank_before)
{
    bool has_old = holds(s, &old_one), has_new = holds(s, &new_one);

    runs++;
    if (s->state == STORE_BLANK || s->state == STORE_TORN) {
        lost += !blank_before;
        return;
    }
    half += !has_old && !has_new;
    behind += (has_new && in_cells(old_one.secret)) || (has_old && in_cells(new_one.secret));
    unlike += !is_image(s->state == STORE_LOCKED ? &locked_image
                        : !has_new               ? &old_image
                        : s->seq == 1            ? &first_image
                                                 : &new_image);
}

/* False: the power went. */
static bool act(const char *what, uint32_t cut)
{
    static struct store s;

    done = 0;
    left = NEVER;
    if (setjmp(power_lost))
        return false;
    if (strcmp(what, "open") == 0) {
        left = cut;
        store_open(&s, &flash);
    } else {
        store_open(&s, &flash);
        left = cut;
        done = 0;
        if (!(strcmp(what, "lock") == 0 ? store_lock(&s) : store_write(&s, &new_one.id, new_one.key)))
            fault("not done, although nothing was cut");
    }
    left = NEVER;
    return true;
}

static void start(struct store *s)
{
    left = NEVER;
    store_open(s, &flash);
}

static void erase_all(void)
{
    memset(cells, 0xff, SIZE);
    memset(used, 0, SIZE);
}

static void make_images(void)
{
    struct store s;

    erase_all();
    start(&s);
    store_write(&s, &new_one.id, new_one.key);
    take(&first_image);
    erase_all();
    start(&s);
    store_write(&s, &old_one.id, old_one.key);
    take(&old_image);
    store_write(&s, &new_one.id, new_one.key);
    take(&new_image);
    give(&old_image);
    start(&s);
    store_lock(&s);
    take(&locked_image);
}

static void load(const char *file, struct image *image)
{
    FILE *from = fopen(file, "rb");

    if (!from || fread(image->cells, 1, SIZE, from) != SIZE)
        fault("the image cannot be read");
    fclose(from);
    for (uint32_t at = 0; at < SIZE; at += flash.unit)
        for (uint32_t i = 0; i < flash.unit; i++)
            image->used[at] |= image->cells[at + i] != 0xff;
}

static void cuts(const char *what, uint32_t step, const char *file)
{
    static struct image before, between;
    struct store s;
    bool first = strcmp(what, "first") == 0;
    uint32_t again = 0;

    memset(before.cells, 0xff, SIZE);
    if (file)
        load(file, &before);
    else if (!first)
        before = old_image;
    for (uint32_t cut = 0; give(&before), !act(what, cut); cut++) {
        take(&between);
        start(&s);
        judge(&s, first);
        for (; give(&between), !act("open", again); again += step) {
            start(&s);
            judge(&s, first);
        }
        again = (again - done) % step; /* goes on counting in the pairs of the next cut */
    }
    printf("%u runs, %u half, %u lost, %u left behind, %u unlike\n", runs, half, lost, behind, unlike);
}

static void flips(const char *what)
{
    struct image whole;
    struct store s;

    if (strcmp(what, "keyless") == 0) {
        erase_all();
        start(&s);
        store_write(&s, &old_one.id, NULL);
        take(&whole);
    } else {
        whole = strcmp(what, "locked") == 0 ? locked_image : old_image;
    }
    for (uint32_t bit = 0; bit < 8 * SIZE; bit++) {
        uint8_t mask = (uint8_t)(1u << bit % 8), key[STORE_KEY];
        bool keyless = strcmp(what, "keyless") == 0;

        give(&whole);
        cells[bit / 8] ^= mask;
        start(&s);
        runs++;
        lost += s.state != (strcmp(what, "locked") == 0 ? STORE_LOCKED : STORE_WRITTEN);
        half += keyless ? store_key(&s, key) : !holds(&s, &old_one);
        if (is_image(&whole))
            continue;
        cells[bit / 8] ^= mask; /* a cell that nothing reads is left as it is */
        unlike += !is_image(&whole);
    }
    printf("%u bits, %u half, %u lost, %u unlike\n", runs, half, lost, unlike);
}

static void show(const char *file)
{
    static const char *const words[] = {"blank", "torn", "written", "locked"};
    static struct image image;
    uint8_t digest[SHA256_SIZE] = {0}, key[STORE_KEY];
    struct identity_source from;
    struct store s;
    FILE *to;

    load(file, &image);
    give(&image);
    start(&s);
    from = store_as_source(&s);
    printf("%s %u ", words[s.state], (unsigned)s.seq);
    if (s.state >= STORE_WRITTEN && identity_digest(&from, digest))
        for (unsigned i = 0; i < sizeof digest; i++)
            printf("%02x", digest[i]);
    printf(" ");
    if (s.state >= STORE_WRITTEN && store_key(&s, key))
        for (unsigned i = 0; i < sizeof key; i++)
            printf("%02x", key[i]);
    printf("\n");
    to = fopen(file, "wb");
    if (!to || fwrite(cells, 1, SIZE, to) != SIZE || fclose(to) != 0)
        fault("the image cannot be written");
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fault("see the head of this file");
    flash = (struct store_flash){.slot_size = SLOT, .page = PAGE, .unit = (uint32_t)atoi(argv[1]),
                                 .read = flash_read, .program = flash_program, .erase = flash_erase};
    tear = (uint32_t)atoi(argv[2]);
    make(&old_one, 0x5e);
    make(&new_one, 0xa7);
    make_images();
    if (strcmp(argv[3], "read") == 0)
        show(argv[4]);
    else if (strcmp(argv[3], "flip") == 0)
        flips(argv[4]);
    else
        cuts(argv[4], (uint32_t)atoi(argv[5]), argc > 6 ? argv[6] : NULL);
    return 0;
}
