/* SPDX-License-Identifier: 0BSD */
/*
 * The record's store over flash in RAM, whose power goes at any byte of any operation. Built and called by store_trials.py:
 *     store_trials UNIT TEAR cut WHAT STEP [FILE]   WHAT is "first", "replace", "lock" or "open"; every STEP-th pair of cuts
 *     store_trials UNIT TEAR flip WHAT              each single bit, in an "open", "keyless" or "locked" record
 *     store_trials UNIT TEAR refuse WHAT            each operation is refused, or done by a part in silence; then all behind it
 *     store_trials UNIT TEAR blind WHAT             each unit can no more be read; WHAT is "open", "locked" or "blank"
 *     store_trials UNIT TEAR wear WHAT              how often pages of either slot are erased; WHAT may be "open"
 *     store_trials UNIT TEAR read FILE              what an image holds once it was opened; FILE then has what it became
 * FILE is an image of both slots, to begin with. TEAR: see flash_in_ram.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flash_in_ram.h"

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
        if (memcmp(now.cells + at, secret, n) == 0)
            return true;
    return false;
}

static uint32_t runs, half, lost, behind, unlike;
static struct image old_image, first_image, new_image, locked_image;

static bool is_image(const struct image *image)
{
    return memcmp(now.cells, image->cells, SIZE) == 0;
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

static bool do_it(struct store *s, const char *what)
{
    return strcmp(what, "lock") == 0 ? store_lock(s) : store_write(s, &new_one.id, new_one.key);
}

/* False: the power went. */
static bool act(const char *what, uint32_t cut)
{
    static struct store s;

    bytes_done = 0;
    bytes_left = NEVER;
    if (setjmp(power_lost))
        return false;
    if (strcmp(what, "open") == 0) {
        bytes_left = cut;
        store_open(&s, &flash);
    } else {
        store_open(&s, &flash);
        bytes_left = cut;
        bytes_done = 0;
        if (!do_it(&s, what))
            fault("not done, although nothing was cut");
    }
    bytes_left = NEVER;
    return true;
}

static void start(struct store *s)
{
    bytes_left = NEVER;
    store_open(s, &flash);
}

static void make_images(void)
{
    struct store s;

    erase_all();
    start(&s);
    store_write(&s, &new_one.id, new_one.key);
    first_image = now;
    erase_all();
    start(&s);
    store_write(&s, &old_one.id, old_one.key);
    old_image = now;
    store_write(&s, &new_one.id, new_one.key);
    new_image = now;
    now = old_image;
    start(&s);
    store_lock(&s);
    locked_image = now;
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
    for (uint32_t cut = 0; now = before, !act(what, cut); cut++) {
        between = now;
        start(&s);
        judge(&s, first);
        for (; now = between, !act("open", again); again += step) {
            start(&s);
            judge(&s, first);
        }
        again = (again - bytes_done) % step; /* goes on counting in the pairs of the next cut */
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
        whole = now;
    } else {
        whole = strcmp(what, "locked") == 0 ? locked_image : old_image;
    }
    for (uint32_t bit = 0; bit < 8 * SIZE; bit++) {
        uint8_t mask = (uint8_t)(1u << bit % 8), key[STORE_KEY];
        bool keyless = strcmp(what, "keyless") == 0;

        now = whole;
        now.cells[bit / 8] ^= mask;
        start(&s);
        runs++;
        lost += s.state != (strcmp(what, "locked") == 0 ? STORE_LOCKED : STORE_WRITTEN);
        half += keyless ? store_key(&s, key) : !holds(&s, &old_one);
        if (is_image(&whole))
            continue;
        now.cells[bit / 8] ^= mask; /* a cell that nothing reads is left as it is */
        unlike += !is_image(&whole);
    }
    printf("%u bits, %u half, %u lost, %u unlike\n", runs, half, lost, unlike);
}

static bool is(const char *what, const char *word)
{
    return strcmp(what, word) == 0;
}

static void begin(const char *what)
{
    if (is(what, "first") || is(what, "blank"))
        erase_all();
    else
        now = is(what, "locked") ? locked_image : old_image;
}

/* "lame": the second slot is erased, and mending it at the start is refused as well. */
static void start_lame(struct store *s)
{
    memset(now.cells + SLOT, 0xff, SLOT);
    memset(now.used + SLOT, 0, SLOT);
    refused = 0;
    start(s);
}

/* The n-th operation is refused, or done by a part in silence; and where it stays so, all behind it. False: there were fewer. */
static bool refuse(const char *what, uint32_t n, uint32_t *lies)
{
    struct store s, next;
    bool good;

    begin(what);
    is(what, "lame") ? start_lame(&s) : start(&s);
    refused = n;
    good = do_it(&s, what);
    if (refused != 0 && refused != NEVER) {
        refused = NEVER;
        return false;
    }
    start(&next); /* what it says after a failure is what the next start will say */
    *lies += s.state != next.state || s.seq != next.seq || s.length != next.length;
    *lies += good && !(is(what, "lock") ? next.state == STORE_LOCKED : holds(&next, &new_one));
    refused = NEVER;
    start(&next);
    judge(&next, is(what, "first"));
    return true;
}

static void refusals(const char *what)
{
    uint32_t lies = 0;

    for (unsigned kind = 0; kind < 4; kind++) {
        silent = kind >= 2;
        for (uint32_t n = 0; stays_so = kind % 2 && !is(what, "lame"), refuse(what, n, &lies); n++)
            ;
    }
    printf("%u runs, %u half, %u lost, %u left behind, %u unlike, %u lies\n", runs, half, lost, behind, unlike, lies);
}

/* Each unit can no more be read, in one slot, then in both. A lock that cannot be read is one. */
static void blind(const char *what)
{
    struct store s;
    enum store_state right = is(what, "blank") ? STORE_TORN : is(what, "locked") ? STORE_LOCKED : STORE_WRITTEN;
    uint32_t opened = 0;

    for (uint32_t at = 0; at < SIZE; at += flash.unit) {
        begin(what);
        now.unreadable[at] = 1;
        start(&s);
        runs++;
        lost += s.state != right && !(right == STORE_WRITTEN && s.state == STORE_LOCKED);
        half += right != STORE_TORN && !holds(&s, &old_one);
        begin(what);
        now.unreadable[at % SLOT] = now.unreadable[at % SLOT + SLOT] = 1;
        start(&s);
        opened += s.state == STORE_BLANK || (s.state == STORE_WRITTEN && right == STORE_LOCKED);
    }
    printf("%u runs, %u half, %u lost, %u opened\n", runs, half, lost, opened);
}

static void wear(const char *what)
{
    struct store s;

    begin(what);
    erases[0] = erases[1] = 0;
    start(&s);
    if (!is(what, "open"))
        do_it(&s, what);
    printf("%u and %u of %u pages\n", erases[0], erases[1], SLOT / PAGE);
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
    now = image;
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
    if (!to || fwrite(now.cells, 1, SIZE, to) != SIZE || fclose(to) != 0)
        fault("the image cannot be written");
}

int main(int argc, char **argv)
{
    if (argc < 5)
        fault("see the head of this file");
    flash.unit = (uint32_t)atoi(argv[1]);
    tear = (uint32_t)atoi(argv[2]);
    make(&old_one, 0x5e);
    make(&new_one, 0xa7);
    make_images();
    if (strcmp(argv[3], "read") == 0)
        show(argv[4]);
    else if (strcmp(argv[3], "flip") == 0)
        flips(argv[4]);
    else if (strcmp(argv[3], "refuse") == 0)
        refusals(argv[4]);
    else if (strcmp(argv[3], "blind") == 0)
        blind(argv[4]);
    else if (strcmp(argv[3], "wear") == 0)
        wear(argv[4]);
    else
        cuts(argv[4], (uint32_t)atoi(argv[5]), argc > 6 ? argv[6] : NULL);
    return 0;
}
