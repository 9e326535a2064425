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

bool stationBegin(Stream &on)
{
    line = &on;
    board.firmware = "1.0.0";
    board.put = put;
    if (!place_find(board) || board.flash.slot_size < STORE_ROOM(board.flash.unit))
        return false;
    agent_start(&agent, &board);
    certificate_comes_from_store(&agent.store);
    return true;
}

void stationLoop()
{
    while (line && line->available() > 0)
        agent_take(&agent, static_cast<uint8_t>(line->read()));
}
