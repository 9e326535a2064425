/* SPDX-License-Identifier: 0BSD */
#include "agent.h"

#include "bytes.h"

static const char *const error_words[] = {
    [AGENT_CRC] = "CRC",         [AGENT_LINE] = "LINE",       [AGENT_VERB] = "VERB",     [AGENT_ARGS] = "ARGS",
    [AGENT_STATE] = "STATE",     [AGENT_EMPTY] = "EMPTY",     [AGENT_ROOM] = "ROOM",     [AGENT_RANGE] = "RANGE",
    [AGENT_LENGTH] = "LENGTH",   [AGENT_MISSING] = "MISSING", [AGENT_DIGEST] = "DIGEST", [AGENT_WRITTEN] = "WRITTEN",
    [AGENT_LOCKED] = "LOCKED",   [AGENT_FLASH] = "FLASH",     [AGENT_SECRET] = "SECRET",
};

static const char *const state_words[] = {
    [STORE_BLANK] = "blank",
    [STORE_TORN] = "torn",
    [STORE_WRITTEN] = "written",
    [STORE_LOCKED] = "locked",
};

static bool holds_identity(const struct agent *a)
{
    return a->store.state == STORE_WRITTEN || a->store.state == STORE_LOCKED;
}

static void drop_transaction(struct agent *a)
{
    identity_wipe(&a->pending);
    bytes_wipe(a->txid, sizeof a->txid);
}

/* Starts the reply, so a verb must know that it will succeed before it calls this. */
static void answer_ok(struct agent *a)
{
    line_begin(&a->out, a->in.word[0]);
    line_text(&a->out, " OK");
    a->answered = true;
}

static void answer_error(struct agent *a, const char *tag, enum agent_error error)
{
    line_begin(&a->out, tag);
    line_text(&a->out, " ERR ");
    line_text(&a->out, error_words[error]);
    line_end(&a->out);
}

static void say_text(struct agent *a, const char *key, const char *text)
{
    line_key(&a->out, key);
    line_text(&a->out, text);
}

static void say_number(struct agent *a, const char *key, uint32_t number)
{
    line_key(&a->out, key);
    line_number(&a->out, number);
}

static void say_hex(struct agent *a, const char *key, const uint8_t bytes[SHA256_SIZE])
{
    line_key(&a->out, key);
    line_hex(&a->out, bytes, SHA256_SIZE);
}

static void say_value(struct agent *a, const char *key, const uint8_t *value, uint32_t n)
{
    line_key(&a->out, key);
    line_value(&a->out, value, n);
}

static bool stored_digest(const struct agent *a, uint8_t digest[SHA256_SIZE])
{
    struct identity_source stored = store_as_source(&a->store);
    return identity_digest(&stored, digest);
}

static enum agent_error do_id(struct agent *a, char **arg, uint32_t args)
{
    const struct agent_board *board = a->board;
    struct identity_source stored = store_as_source(&a->store);
    bool holds = holds_identity(a);
    uint8_t digest[SHA256_SIZE], pk[FIELD_MAX], dn[FIELD_MAX];
    uint32_t channels = 0, pk_length, dn_length;

    (void)arg, (void)args;
    if (holds && !(identity_digest(&stored, digest) && identity_channels(&stored, &channels) &&
                   identity_get(&stored, 0, FIELD_PK, pk, &pk_length) &&
                   identity_get(&stored, 0, FIELD_DN, dn, &dn_length)))
        return AGENT_FLASH;
    answer_ok(a);
    say_number(a, "proto", 1);
    say_text(a, "board", board->type);
    say_text(a, "fw", board->firmware);
    say_text(a, "uid", board->uid);
    say_text(a, "state", state_words[a->store.state]);
    say_number(a, "seq", a->store.seq);
    say_number(a, "subs", channels);
    say_number(a, "maxsubs", AGENT_MAX_CHANNELS);
    say_number(a, "maxpk", FIELD_PK_MAX);
    say_number(a, "maxdn", FIELD_DN_MAX);
    say_number(a, "maxds", FIELD_DS_MAX);
    say_number(a, "maxps", FIELD_PS_MAX);
    if (holds)
        say_hex(a, "digest", digest);
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

static bool take_txid(char txid[AGENT_TXID_MAX + 1], const char *text)
{
    uint32_t n = 0;

    for (; text[n]; n++) {
        char c = text[n];
        if (n == AGENT_TXID_MAX || !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    bytes_copy(txid, text, n + 1);
    return n > 0;
}

/* Whether what the board carries lets a transaction begin that replaces `named` (NULL: nothing). */
static enum agent_error may_replace(const struct agent *a, const uint8_t *named)
{
    uint8_t present[SHA256_SIZE];

    if (a->store.state == STORE_LOCKED)
        return AGENT_LOCKED;
    if (!holds_identity(a))
        return named ? AGENT_WRITTEN : AGENT_OK;
    if (!stored_digest(a, present))
        return AGENT_FLASH;
    return named && bytes_equal(named, present, sizeof present) ? AGENT_OK : AGENT_WRITTEN;
}

static enum agent_error do_begin(struct agent *a, char **arg, uint32_t args)
{
    char txid[AGENT_TXID_MAX + 1];
    uint8_t named[SHA256_SIZE];
    uint32_t channels;
    enum agent_error error;

    if (args == 3 || !take_txid(txid, arg[0]) || !line_small_number(arg[1], &channels))
        return AGENT_ARGS;
    if (args == 4 && !(text_equal(arg[2], "REPLACE") && line_unhex(arg[3], named, sizeof named)))
        return AGENT_ARGS;
    drop_transaction(a);
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

    if (holds_identity(a)) {
        if (!stored_digest(a, digest))
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
    return store_write(&a->store, &a->pending) ? AGENT_OK : AGENT_FLASH;
}

static enum agent_error do_commit(struct agent *a, char **arg, uint32_t args)
{
    uint8_t digest[SHA256_SIZE];
    enum agent_error error;

    (void)args;
    if (!line_unhex(arg[0], digest, sizeof digest))
        return AGENT_ARGS;
    error = commit(a, digest);
    drop_transaction(a);
    if (error)
        return error;
    if (!stored_digest(a, digest))
        return AGENT_FLASH;
    answer_ok(a);
    say_hex(a, "digest", digest);
    say_number(a, "seq", a->store.seq);
    return AGENT_OK;
}

static enum agent_error do_abort(struct agent *a, char **arg, uint32_t args)
{
    (void)arg, (void)args;
    drop_transaction(a);
    return AGENT_OK;
}

static enum agent_error fetch(struct agent *a, uint32_t channel, enum identity_field field, uint8_t *value,
                              uint32_t *n)
{
    struct identity_source stored = store_as_source(&a->store);
    uint32_t channels;

    if (!holds_identity(a))
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
    answer_ok(a);
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
        answer_ok(a);
        say_hex(a, "proof", proof);
    }
    bytes_wipe(key, sizeof key);
    return error;
}

static enum agent_error do_reset(struct agent *a, char **arg, uint32_t args)
{
    (void)arg, (void)args;
    drop_transaction(a);
    answer_ok(a);
    line_end(&a->out);
    a->board->reset();
    return AGENT_OK;
}

static enum agent_error do_lock(struct agent *a, char **arg, uint32_t args)
{
    (void)arg, (void)args;
    if (!holds_identity(a))
        return AGENT_EMPTY;
    if (a->store.state == STORE_LOCKED || store_lock(&a->store))
        return AGENT_OK;
    return AGENT_FLASH;
}

static const struct verb {
    const char *name;
    uint8_t least, most; /* arguments */
    enum agent_error (*run)(struct agent *a, char **arg, uint32_t args);
} verbs[] = {
    {"ID", 0, 0, do_id},       {"BEGIN", 2, 4, do_begin}, {"PUT", 3, 3, do_put},
    {"COMMIT", 1, 1, do_commit}, {"ABORT", 0, 0, do_abort}, {"GET", 2, 2, do_get},
    {"PROVE", 2, 2, do_prove}, {"RESET", 0, 0, do_reset}, {"LOCK", 0, 0, do_lock},
};

static enum agent_error run(struct agent *a)
{
    uint32_t args = a->in.words - 2;

    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (text_equal(a->in.word[1], verbs[i].name)) {
            if (args < verbs[i].least || args > verbs[i].most)
                return AGENT_ARGS;
            return verbs[i].run(a, a->in.word + 2, args);
        }
    return AGENT_VERB;
}

void agent_start(struct agent *a, const struct agent_board *board)
{
    bytes_wipe(a, sizeof *a);
    a->board = board;
    a->out.put = board->put;
    store_open(&a->store, &board->flash);
}

void agent_take(struct agent *a, uint8_t byte)
{
    enum line_event event = line_take(&a->in, byte);
    enum agent_error error;

    if (event == LINE_NOTHING)
        return;
    if (event == LINE_READY) {
        a->answered = false;
        error = run(a);
        if (error) {
            answer_error(a, a->in.word[0], error);
        } else {
            if (!a->answered)
                answer_ok(a);
            line_end(&a->out);
        }
    } else {
        answer_error(a, "?", event == LINE_TOO_LONG ? AGENT_LINE : AGENT_CRC);
    }
    line_wipe(&a->in);
}
