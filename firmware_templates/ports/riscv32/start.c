/* SPDX-License-Identifier: 0BSD */
/* From reset to main() on a RISC-V core in machine mode. No interrupt is ever taken: boards sleep with them masked. */
#include <stdint.h>

extern uint32_t _bss, _bss_end;

int main(void);
void begin(void);

__asm__(".section .start, \"ax\"\n"
        ".globl reset\n"
        "reset:\n"
        "    la sp, _stack_top\n"
        "    j begin\n");

/* Code, constants and initialised data were loaded where they run. */
void begin(void)
{
    for (uint32_t *to = &_bss; to < &_bss_end;)
        *to++ = 0;
    main();
}
