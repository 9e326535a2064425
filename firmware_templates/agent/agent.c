/* SPDX-License-Identifier: 0BSD */
#include "verbs.h"

#include "bytes.h"

static const char *const error_words[] = {
    [AGENT_CRC] = "CRC",         [AGENT_LINE] = "LINE",       [AGENT_VERB] = "VERB",     [AGENT_ARGS] = "ARGS",
    [AGENT_STATE] = "STATE",     [AGENT_EMPTY] = "EMPTY",     [AGENT_ROOM] = "ROOM",     [AGENT_RANGE] = "RANGE",
    [AGENT_LENGTH] = "LENGTH",   [AGENT_MISSING] = "MISSING", [AGENT_DIGEST] = "DIGEST", [AGENT_WRITTEN] = "WRITTEN",
    [AGENT_LOCKED] = "LOCKED",   [AGENT_FLASH] = "FLASH",     [AGENT_SECRET] = "SECRET",   [AGENT_OTHER] = "OTHER",
    [AGENT_PROOF] = "PROOF",     [AGENT_TRIES] = "TRIES",
};

void agent_drop(struct agent *a)
{
    identity_wipe(&a->pending);
    bytes_wipe(a->key, sizeof a->key);
    a->keyed = false;
}

void say_ok(struct agent *a)
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

void say_text(struct agent *a, const char *key, const char *text)
{
    line_key(&a->out, key);
    line_text(&a->out, text);
}

void say_number(struct agent *a, const char *key, uint32_t number)
{
    line_key(&a->out, key);
    line_number(&a->out, number);
}

void say_hex(struct agent *a, const char *key, const uint8_t *bytes, uint32_t n)
{
    line_key(&a->out, key);
    line_hex(&a->out, bytes, n);
}

void say_state(struct agent *a)
{
    static const char *const words[] = {
        [STORE_BLANK] = "blank",
        [STORE_TORN] = "torn",
        [STORE_WRITTEN] = "written",
        [STORE_LOCKED] = "locked",
    };

    say_text(a, "uid", a->board->uid);
    say_text(a, "state", words[a->store.state]);
    say_number(a, "seq", a->store.seq);
}

void say_room(struct agent *a, uint32_t channels)
{
    say_number(a, "subs", channels);
    say_number(a, "maxsubs", AGENT_MAX_CHANNELS);
    say_number(a, "maxpk", FIELD_PK_MAX);
    say_number(a, "maxdn", FIELD_DN_MAX);
    say_number(a, "maxds", FIELD_DS_MAX);
    say_number(a, "maxps", FIELD_PS_MAX);
}

void say_value(struct agent *a, const char *key, const uint8_t *value, uint32_t n)
{
    line_key(&a->out, key);
    line_value(&a->out, value, n);
}

bool agent_stored_digest(const struct agent *a, uint8_t digest[SHA256_SIZE])
{
    struct identity_source stored = store_as_source(&a->store);
    return identity_digest(&stored, digest);
}

bool agent_take_txid(char txid[AGENT_TXID_MAX + 1], const char *text)
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

static const struct verb *find(const char *name)
{
    static const struct verb *const tables[] = {
#if AGENT_PROTOCOL_1
        verbs_one,
#endif
        verbs_two,
    };

    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct verb *verb = tables[i]; verb->name; verb++)
            if (text_equal(name, verb->name))
                return verb;
    return 0;
}

static enum agent_error run(struct agent *a)
{
    uint32_t args = a->in.words - 2;
    const struct verb *verb = find(a->in.word[1]);

    if (!verb)
        return AGENT_VERB;
    if (args < verb->least || args > verb->most)
        return AGENT_ARGS;
    return verb->run(a, a->in.word + 2, args);
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
                say_ok(a);
            line_end(&a->out);
        }
    } else {
        answer_error(a, "?", event == LINE_TOO_LONG ? AGENT_LINE : AGENT_CRC);
    }
    line_wipe(&a->in);
}
