/* SPDX-License-Identifier: 0BSD */
#include "StationIdentity.h"

#include "place.h"

static Stream *line;
static struct agent agent;
static struct agent_board board;

static void put(uint8_t byte)
{
    line->write(byte);
    if (byte == '\n')
        line->flush();
}

static bool stored(struct identity_source *from)
{
    *from = store_as_source(&agent.store);
    return agent.store.state == STORE_WRITTEN || agent.store.state == STORE_LOCKED;
}

bool stationBegin(Stream &on)
{
    line = &on;
    board.firmware = "1.0.0";
    board.put = put;
    if (!place_find(board) || board.flash.slot_size < STORE_ROOM(board.flash.unit))
        return false;
    agent_start(&agent, &board);
    certificate_comes_from(stored);
    return true;
}

void stationLoop()
{
    while (line && line->available() > 0)
        agent_take(&agent, static_cast<uint8_t>(line->read()));
}
