/* SPDX-License-Identifier: 0BSD */
#include "qemu.h"

#include "uid.h"

#define RUNNING 0x52554e21u
#define ASKED_TO 0x41534b21u

const char *qemu_uid(uint32_t at)
{
    static char text[17];

    uid_of_bytes(text, (const volatile uint8_t *)at, 8);
    return text;
}

const char *qemu_reset_cause(volatile uint32_t *life)
{
    uint32_t before = *life;

    *life = RUNNING;
    return before == ASKED_TO ? "soft" : before == RUNNING ? "pin" : "power";
}

void qemu_restarts(volatile uint32_t *life)
{
    *life = ASKED_TO;
}
