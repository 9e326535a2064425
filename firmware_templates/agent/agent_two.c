/* SPDX-License-Identifier: 0BSD */
/* PROTOCOL.md, version 2: each step names the board it is for, and what depends on a secret is told to who knows it. */
#include "bytes.h"
#include "verbs.h"

#define TOKEN_SIZE 16u

static uint32_t text_length(const char *text)
{
    uint32_t n = 0;
    while (text[n])
        n++;
    return n;
}

/* HMAC of "<word> <about> <uid>" under `key`; what is added before hmac_end comes behind it. */
static void mac_begin(struct hmac *hmac, const void *key, uint32_t n, const struct agent *a, const char *word,
                      const char *about)
{
    hmac_begin(hmac, key, n);
    hmac_add(hmac, word, text_length(word));
    hmac_add(hmac, " ", 1);
    hmac_add(hmac, about, text_length(about));
    hmac_add(hmac, " ", 1);
    hmac_add(hmac, a->board->uid, text_length(a->board->uid));
}

/* Whether the token that stands behind `about` could only come from one who knows `digest`, and is for this board. */
static bool knows(const struct agent *a, const uint8_t digest[SHA256_SIZE], const char *word, const char *about,
                  const uint8_t token[TOKEN_SIZE])
{
    struct hmac hmac;
    uint8_t right[SHA256_SIZE];
    bool equal;

    mac_begin(&hmac, digest, SHA256_SIZE, a, word, about);
    hmac_end(&hmac, right);
    equal = bytes_equal(right, token, TOKEN_SIZE);
    bytes_wipe(right, sizeof right);
    return equal;
}

static bool may_try(const struct agent *a)
{
    return a->wrong < AGENT_TRIES_MAX;
}

/* As `knows`, of what is stored: each try counts, so that a weak secret cannot be guessed by asking. */
static bool knows_stored(struct agent *a, const uint8_t digest[SHA256_SIZE], const char *word, const char *about,
                         const uint8_t token[TOKEN_SIZE])
{
    bool right = may_try(a) && knows(a, digest, word, about, token);

    if (right)
        a->wrong = 0;
    else if (may_try(a))
        a->wrong++;
    return right;
}

static bool is_nonce(const char *text)
{
    uint8_t bytes[AGENT_NONCE_SIZE];
    return line_unhex(text, bytes, sizeof bytes);
}

/* A verb whose arguments are a nonce and its token: whether the one who asks knows what is stored. */
static enum agent_error asked_by_one_who_knows(struct agent *a, const char *word, char **arg)
{
    uint8_t digest[SHA256_SIZE], token[TOKEN_SIZE];
    enum agent_error error = AGENT_OK;

    if (!is_nonce(arg[0]) || !line_unhex(arg[1], token, sizeof token))
        error = AGENT_ARGS;
    else if (!store_holds(&a->store))
        error = AGENT_EMPTY;
    else if (!may_try(a))
        error = AGENT_TRIES;
    else if (!agent_stored_digest(a, digest))
        error = AGENT_FLASH;
    else if (!knows_stored(a, digest, word, arg[0], token))
        error = AGENT_PROOF;
    bytes_wipe(digest, sizeof digest);
    bytes_wipe(token, sizeof token);
    return error;
}

static enum agent_error do_who(struct agent *a, char **arg, uint32_t args)
{
    struct identity_source stored = store_as_source(&a->store);
    bool holds = store_holds(&a->store), known = args && text_equal(arg[0], a->board->uid);
    uint8_t pk[FIELD_MAX], dn[FIELD_MAX];
    uint32_t channels = 0, pk_length, dn_length;

    if (holds && !(identity_channels(&stored, &channels) && identity_get(&stored, 0, FIELD_PK, pk, &pk_length) &&
                   identity_get(&stored, 0, FIELD_DN, dn, &dn_length)))
        return AGENT_FLASH;
    say_ok(a);
    if (!known) {
        say_number(a, "proto", 2);
        say_text(a, "board", a->board->type);
        say_text(a, "fw", a->board->firmware);
    }
    say_state(a);
    if (!known) {
        say_room(a, channels);
        say_number(a, "window", a->board->window);
    }
    say_text(a, "ram", a->txid[0] ? a->txid : "-");
    say_text(a, "reset", a->board->reset_cause);
    if (holds && !known) {
        say_value(a, "pk", pk, pk_length);
        say_value(a, "dn", dn, dn_length);
    }
    return AGENT_OK;
}

/* Whether `text` is the decimal number `seq`. */
static bool names_number(const char *text, uint32_t seq)
{
    char digits[11], *at = digits + sizeof digits - 1;

    *at = 0;
    do
        *--at = (char)('0' + seq % 10);
    while (seq /= 10);
    return text_equal(text, at);
}

/* The order in which OPEN decides, once its form is right; PROTOCOL.md has it too. `seq`: NULL where none is named. */
static enum agent_error may_open(const struct agent *a, const char *uid, uint32_t channels, const char *seq)
{
    if (!text_equal(uid, a->board->uid))
        return AGENT_OTHER;
    if (a->store.state == STORE_LOCKED)
        return AGENT_LOCKED;
    if (store_holds(&a->store) ? !seq || !names_number(seq, a->store.seq) : !!seq)
        return AGENT_WRITTEN;
    return channels > AGENT_MAX_CHANNELS ? AGENT_ROOM : AGENT_OK;
}

static enum agent_error do_open(struct agent *a, char **arg, uint32_t args)
{
    char txid[AGENT_TXID_MAX + 1];
    uint8_t key[STORE_KEY];
    uint32_t channels;
    enum agent_error error = AGENT_ARGS;

    if (agent_take_txid(txid, arg[1]) && line_small_number(arg[2], &channels) && line_unhex(arg[3], key, sizeof key) &&
        store_is_key(key)) {
        agent_drop(a);
        error = may_open(a, arg[0], channels, args == 5 ? arg[4] : 0);
    }
    if (!error) {
        identity_begin(&a->pending, channels);
        bytes_copy(a->key, key, sizeof key);
        a->keyed = true;
        bytes_copy(a->txid, txid, sizeof txid);
    }
    bytes_wipe(key, sizeof key);
    return error;
}

static bool is_open(const struct agent *a, const char *txid)
{
    return a->pending.length && text_equal(txid, a->txid);
}

/* One field of a SET, where it is not left out. "=" is the productKey of the channel before. */
static enum agent_error set_field(struct agent *a, uint32_t channel, enum identity_field field, char *text)
{
    struct identity_source pending = identity_as_source(&a->pending);
    uint8_t before[FIELD_MAX];
    uint32_t n;

    if (!*text)
        return AGENT_OK;
    if (field == FIELD_PK && text_equal(text, "=")) {
        if (!channel || !identity_get(&pending, channel - 1, FIELD_PK, before, &n) || !n)
            return AGENT_ARGS;
        identity_put(&a->pending, channel, FIELD_PK, before, n);
        return AGENT_OK;
    }
    if (!line_decode(text, &n))
        return AGENT_ARGS;
    if (n > identity_field_max(field))
        return AGENT_LENGTH;
    identity_put(&a->pending, channel, field, text, n);
    return AGENT_OK;
}

/* One certificate of a SET, up to its ';' or the end. `at` is moved behind it; `stop` is what ended it. */
static enum agent_error set_certificate(struct agent *a, uint32_t channel, char **at, char *stop)
{
    if (channel > a->pending.bytes[0])
        return AGENT_RANGE;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        char *text = *at;
        enum agent_error error;

        while (**at && **at != ',' && **at != ';')
            ++*at;
        *stop = **at;
        **at = 0;
        error = set_field(a, channel, (enum identity_field)field, text);
        if (error)
            return error;
        if (!*stop)
            return AGENT_OK;
        ++*at;
        if (*stop == ';')
            return AGENT_OK;
    }
    return AGENT_ARGS; /* a fifth field */
}

static enum agent_error do_set(struct agent *a, char **arg, uint32_t args)
{
    char *at = arg[2], stop = ';';
    enum agent_error error = AGENT_OK;
    uint32_t channel;

    (void)args;
    if (!line_small_number(arg[1], &channel))
        return AGENT_ARGS;
    if (!is_open(a, arg[0]))
        return AGENT_STATE;
    for (; stop == ';' && !error; channel++)
        error = set_certificate(a, channel, &at, &stop);
    if (error)
        agent_drop(a); /* what of the line came before the error is in it */
    return error;
}

/* The order in which KEEP decides; PROTOCOL.md has it too. What it leaves in `digest` is the caller's to wipe. */
static enum agent_error keep(struct agent *a, const char *txid, const uint8_t token[TOKEN_SIZE],
                             uint8_t digest[SHA256_SIZE])
{
    struct identity_source pending = identity_as_source(&a->pending);

    if (store_holds(&a->store)) {
        if (!agent_stored_digest(a, digest))
            return AGENT_FLASH;
        if (knows_stored(a, digest, "KEEP", txid, token))
            return AGENT_OK;
        if (a->store.state == STORE_LOCKED)
            return AGENT_LOCKED;
    }
    if (!is_open(a, txid))
        return AGENT_STATE;
    if (!identity_complete(&a->pending))
        return AGENT_MISSING;
    if (!identity_digest(&pending, digest) || !knows(a, digest, "KEEP", txid, token))
        return AGENT_DIGEST;
    a->wrong = 0; /* what was guessed at goes */
    return store_write(&a->store, &a->pending, a->keyed ? a->key : 0) ? AGENT_OK : AGENT_FLASH;
}

static enum agent_error do_keep(struct agent *a, char **arg, uint32_t args)
{
    char txid[AGENT_TXID_MAX + 1];
    uint8_t token[TOKEN_SIZE], digest[SHA256_SIZE];
    enum agent_error error = AGENT_ARGS;

    (void)args;
    if (agent_take_txid(txid, arg[0]) && line_unhex(arg[1], token, sizeof token)) {
        error = keep(a, txid, token, digest);
        agent_drop(a);
    }
    bytes_wipe(token, sizeof token);
    bytes_wipe(digest, sizeof digest);
    if (error)
        return error;
    say_ok(a);
    say_number(a, "seq", a->store.seq);
    return AGENT_OK;
}

static enum agent_error do_show(struct agent *a, char **arg, uint32_t args)
{
    struct identity_source stored = store_as_source(&a->store);
    uint8_t digest[SHA256_SIZE], proof[SHA256_SIZE];
    struct hmac hmac;
    enum agent_error error = asked_by_one_who_knows(a, "SHOW", arg);

    (void)args;
    if (error)
        return error;
    if (!agent_stored_digest(a, digest))
        return AGENT_FLASH; /* what is in `digest` is of bytes that could not be read */
    mac_begin(&hmac, digest, sizeof digest, a, "show", arg[0]);
    bytes_wipe(digest, sizeof digest);
    hmac_add(&hmac, " ", 1);
    error = identity_add(&stored, &hmac.inner) ? AGENT_OK : AGENT_FLASH;
    hmac_end(&hmac, proof);
    if (error)
        return error;
    say_ok(a);
    say_hex(a, "proof", proof, TOKEN_SIZE);
    return AGENT_OK;
}

/* The digest behind a pad that only the holder of this record's key can take away. */
static enum agent_error do_same(struct agent *a, char **arg, uint32_t args)
{
    uint8_t key[STORE_KEY], digest[SHA256_SIZE], pad[SHA256_SIZE];
    struct hmac hmac;

    (void)args;
    if (!is_nonce(arg[0]))
        return AGENT_ARGS;
    if (!store_holds(&a->store) || !store_key(&a->store, key))
        return AGENT_EMPTY;
    if (!agent_stored_digest(a, digest)) {
        bytes_wipe(key, sizeof key);
        return AGENT_FLASH;
    }
    mac_begin(&hmac, key, sizeof key, a, "same", arg[0]);
    bytes_wipe(key, sizeof key);
    hmac_end(&hmac, pad);
    for (unsigned i = 0; i < sizeof digest; i++)
        digest[i] ^= pad[i];
    bytes_wipe(pad, sizeof pad); /* with the answer, it would be the digest */
    say_ok(a);
    say_hex(a, "digest", digest, sizeof digest);
    return AGENT_OK;
}

static enum agent_error do_seal(struct agent *a, char **arg, uint32_t args)
{
    enum agent_error error = asked_by_one_who_knows(a, "SEAL", arg);

    (void)args;
    if (error)
        return error;
    return a->store.state == STORE_LOCKED || store_lock(&a->store) ? AGENT_OK : AGENT_FLASH;
}

static enum agent_error do_boot(struct agent *a, char **arg, uint32_t args)
{
    (void)args;
    if (!text_equal(arg[0], a->board->uid))
        return AGENT_OTHER;
    if (!may_try(a))
        return AGENT_TRIES; /* or a restart would be as good as the power */
    agent_drop(a);
    say_ok(a);
    line_end(&a->out);
    a->board->reset();
    return AGENT_OK;
}

const struct verb verbs_two[] = {
    {"WHO", 0, 1, do_who},   {"OPEN", 4, 5, do_open}, {"SET", 3, 3, do_set},   {"KEEP", 2, 2, do_keep},
    {"SHOW", 2, 2, do_show}, {"SAME", 1, 1, do_same}, {"SEAL", 2, 2, do_seal}, {"BOOT", 1, 1, do_boot},
    {0, 0, 0, 0},
};
