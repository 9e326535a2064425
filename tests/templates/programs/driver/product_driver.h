/* SPDX-License-Identifier: 0BSD */
#ifndef PRODUCT_DRIVER_H
#define PRODUCT_DRIVER_H

/* Does what one line asks of `product/` and says the answers through `put`, one a line; see product_driver.c. */
void drive(char *line, void (*put)(char byte));

#endif
