/* SPDX-License-Identifier: 0BSD */
/* From reset to main() on a Cortex-M. No interrupt is ever taken: boards sleep with them masked (see idle()). */
#include <stdint.h>

extern uint32_t _data, _data_end, _data_load, _bss, _bss_end, _stack_top;

int main(void);

void reset(void)
{
    const uint32_t *from = &_data_load;

    for (uint32_t *to = &_data; to < &_data_end;)
        *to++ = *from++;
    for (uint32_t *to = &_bss; to < &_bss_end;)
        *to++ = 0;
    main();
}

static void fault(void)
{
    for (;;)
        ;
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    &_stack_top, (void *)reset, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};
