/* SPDX-License-Identifier: 0BSD */
/*
 * From reset to main() on an Xtensa core with the CALL0 ABI (the ESP8266's). The one interrupt there is ends `waiti` and
 * does nothing else: it switches itself off, and whoever sleeps next switches it on (see board_sleep).
 */
#include <stdint.h>

extern uint32_t _bss, _bss_end;

int main(void);
void begin(void);

__asm__(".section .vector, \"ax\"\n"
        "    wsr a2, excsave1\n"
        "    movi.n a2, 0\n"
        "    wsr a2, intenable\n"
        "    rsr a2, excsave1\n"
        "    rfe\n");

__asm__(".section .start, \"ax\"\n"
        ".literal_position\n"
        ".align 4\n"
        ".globl reset\n"
        "reset:\n"
        "    movi.n a0, 15\n" /* no longer in an exception, all interrupts masked */
        "    wsr a0, ps\n"
        "    rsync\n"
        "    movi a1, _stack_top\n"
        "    movi a0, begin\n"
        "    jx a0\n");

/* Code, constants and initialised data were loaded where they run. */
void begin(void)
{
    for (uint32_t *to = &_bss; to < &_bss_end;)
        *to++ = 0;
    main();
}
