/* SPDX-License-Identifier: 0BSD */
/* PROTOCOL.md, version 1: what stations of before speak. Left out where agent_config.h sets AGENT_PROTOCOL_1 to 0. */
#include "verbs.h"

#if AGENT_PROTOCOL_1

#include "bytes.h"

static enum agent_error do_id(struct agent *a, char **arg, uint32_t args)
{
    const struct agent_board *board = a->board;
    struct identity_source stored = store_as_source(&a->store);
    bool holds = store_holds(&a->store);
    uint8_t digest[SHA256_SIZE], pk[FIELD_MAX], dn[FIELD_MAX];
    uint32_t channels = 0, pk_length, dn_length;

    (void)arg, (void)args;
    if (holds && !(identity_digest(&stored, digest) && identity_channels(&stored, &channels) &&
                   identity_get(&stored, 0, FIELD_PK, pk, &pk_length) &&
                   identity_get(&stored, 0, FIELD_DN, dn, &dn_length)))
        return AGENT_FLASH;
    say_ok(a);
    say_number(a, "proto", 1);
    say_text(a, "board", board->type);
    say_text(a, "fw", board->firmware);
    say_state(a);
    say_room(a, channels);
    if (holds)
        say_hex(a, "digest", digest, sizeof digest);
    else
        say_text(a, "digest", "-");
    say_text(a, "tx", a->pending.length ? a->txid : "-");
    say_text(a, "reset", board->reset_cause);
    if (holds) {
        say_value(a, "pk", pk, pk_length);
        say_value(a, "dn", dn, dn_length);
    }
    return AGENT_OK;
}

/* Whether what the board carries lets a transaction begin that replaces `named` (NULL: nothing). */
static enum agent_error may_replace(const struct agent *a, const uint8_t *named)
{
    uint8_t present[SHA256_SIZE];

    if (a->store.state == STORE_LOCKED)
        return AGENT_LOCKED;
    if (!store_holds(&a->store))
        return named ? AGENT_WRITTEN : AGENT_OK;
    if (!agent_stored_digest(a, present))
        return AGENT_FLASH;
    return named && bytes_equal(named, present, sizeof present) ? AGENT_OK : AGENT_WRITTEN;
}

static enum agent_error do_begin(struct agent *a, char **arg, uint32_t args)
{
    char txid[AGENT_TXID_MAX + 1];
    uint8_t named[SHA256_SIZE];
    uint32_t channels;
    enum agent_error error;

    if (args == 3 || !agent_take_txid(txid, arg[0]) || !line_small_number(arg[1], &channels))
        return AGENT_ARGS;
    if (args == 4 && !(text_equal(arg[2], "REPLACE") && line_unhex(arg[3], named, sizeof named)))
        return AGENT_ARGS;
    agent_drop(a);
    error = may_replace(a, args == 4 ? named : 0);
    if (error)
        return error;
    if (channels > AGENT_MAX_CHANNELS)
        return AGENT_ROOM;
    identity_begin(&a->pending, channels);
    bytes_copy(a->txid, txid, sizeof txid);
    return AGENT_OK;
}

static bool take_field(const char *text, enum identity_field *field)
{
    static const char *const words[FIELD_COUNT] = {"PK", "DN", "DS", "PS"};

    for (unsigned i = 0; i < FIELD_COUNT; i++)
        if (text_equal(text, words[i])) {
            *field = (enum identity_field)i;
            return true;
        }
    return false;
}

static enum agent_error do_put(struct agent *a, char **arg, uint32_t args)
{
    enum identity_field field;
    uint32_t channel, n;

    (void)args;
    if (!line_small_number(arg[0], &channel) || !take_field(arg[1], &field) || !line_decode(arg[2], &n))
        return AGENT_ARGS;
    if (!a->pending.length)
        return AGENT_STATE;
    if (channel > a->pending.bytes[0])
        return AGENT_RANGE;
    if (n > identity_field_max(field))
        return AGENT_LENGTH;
    identity_put(&a->pending, channel, field, arg[2], n);
    return AGENT_OK;
}

/* The order in which COMMIT decides; PROTOCOL.md has it too. */
static enum agent_error commit(struct agent *a, const uint8_t wanted[SHA256_SIZE])
{
    struct identity_source pending = identity_as_source(&a->pending);
    uint8_t digest[SHA256_SIZE];

    if (store_holds(&a->store)) {
        if (!agent_stored_digest(a, digest))
            return AGENT_FLASH;
        if (bytes_equal(digest, wanted, sizeof digest))
            return AGENT_OK;
        if (a->store.state == STORE_LOCKED)
            return AGENT_LOCKED;
        if (!a->pending.length)
            return AGENT_WRITTEN;
    }
    if (!a->pending.length)
        return AGENT_STATE;
    if (!identity_complete(&a->pending))
        return AGENT_MISSING;
    if (!identity_digest(&pending, digest) || !bytes_equal(digest, wanted, sizeof digest))
        return AGENT_DIGEST;
    return store_write(&a->store, &a->pending, 0) ? AGENT_OK : AGENT_FLASH;
}

static enum agent_error do_commit(struct agent *a, char **arg, uint32_t args)
{
    uint8_t digest[SHA256_SIZE];
    enum agent_error error;

    (void)args;
    if (!line_unhex(arg[0], digest, sizeof digest))
        return AGENT_ARGS;
    error = commit(a, digest);
    agent_drop(a);
    if (error)
        return error;
    if (!agent_stored_digest(a, digest))
        return AGENT_FLASH;
    say_ok(a);
    say_hex(a, "digest", digest, sizeof digest);
    say_number(a, "seq", a->store.seq);
    return AGENT_OK;
}

static enum agent_error do_abort(struct agent *a, char **arg, uint32_t args)
{
    (void)arg, (void)args;
    agent_drop(a);
    return AGENT_OK;
}

static enum agent_error fetch(struct agent *a, uint32_t channel, enum identity_field field, uint8_t *value,
                              uint32_t *n)
{
    struct identity_source stored = store_as_source(&a->store);
    uint32_t channels;

    if (!store_holds(&a->store))
        return AGENT_EMPTY;
    if (!identity_channels(&stored, &channels))
        return AGENT_FLASH;
    if (channel > channels)
        return AGENT_RANGE;
    return identity_get(&stored, channel, field, value, n) ? AGENT_OK : AGENT_FLASH;
}

static enum agent_error do_get(struct agent *a, char **arg, uint32_t args)
{
    enum identity_field field;
    uint8_t value[FIELD_MAX];
    uint32_t channel, n;
    enum agent_error error;

    (void)args;
    if (!line_small_number(arg[0], &channel) || !take_field(arg[1], &field))
        return AGENT_ARGS;
    if (field != FIELD_PK && field != FIELD_DN)
        return AGENT_SECRET;
    error = fetch(a, channel, field, value, &n);
    if (error)
        return error;
    say_ok(a);
    say_value(a, "value", value, n);
    return AGENT_OK;
}

static enum agent_error do_prove(struct agent *a, char **arg, uint32_t args)
{
    uint8_t nonce[AGENT_NONCE_SIZE], key[FIELD_MAX], proof[SHA256_SIZE];
    struct hmac hmac;
    uint32_t channel, n, uid_length = 0;
    enum agent_error error;

    (void)args;
    if (!line_unhex(arg[0], nonce, sizeof nonce) || !line_small_number(arg[1], &channel))
        return AGENT_ARGS;
    error = fetch(a, channel, FIELD_DS, key, &n);
    if (!error && n == 0)
        error = fetch(a, channel, FIELD_PS, key, &n);
    if (!error) {
        while (a->board->uid[uid_length])
            uid_length++;
        hmac_begin(&hmac, key, n);
        hmac_add(&hmac, nonce, sizeof nonce);
        hmac_add(&hmac, a->board->uid, uid_length);
        hmac_end(&hmac, proof);
        say_ok(a);
        say_hex(a, "proof", proof, sizeof proof);
    }
    bytes_wipe(key, sizeof key);
    return error;
}

static enum agent_error do_reset(struct agent *a, char **arg, uint32_t args)
{
    (void)arg, (void)args;
    agent_drop(a);
    say_ok(a);
    line_end(&a->out);
    a->board->reset();
    return AGENT_OK;
}

static enum agent_error do_lock(struct agent *a, char **arg, uint32_t args)
{
    (void)arg, (void)args;
    if (!store_holds(&a->store))
        return AGENT_EMPTY;
    if (a->store.state == STORE_LOCKED || store_lock(&a->store))
        return AGENT_OK;
    return AGENT_FLASH;
}

const struct verb verbs_one[] = {
    {"ID", 0, 0, do_id},         {"BEGIN", 2, 4, do_begin}, {"PUT", 3, 3, do_put},
    {"COMMIT", 1, 1, do_commit}, {"ABORT", 0, 0, do_abort}, {"GET", 2, 2, do_get},
    {"PROVE", 2, 2, do_prove},   {"RESET", 0, 0, do_reset}, {"LOCK", 0, 0, do_lock},
    {0, 0, 0, 0},
};

#endif
