/* SPDX-License-Identifier: 0BSD */
#include <stdio.h>
#include <string.h>

#include "product_driver.h"

static void put(char byte)
{
    putchar(byte);
}

int main(void)
{
    static char line[1024];

    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        drive(line, put);
    }
    return 0;
}
