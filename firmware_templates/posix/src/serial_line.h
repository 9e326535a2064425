/* SPDX-License-Identifier: 0BSD */
#ifndef SERIAL_LINE_H
#define SERIAL_LINE_H

#include <stdint.h>

/*
 * Where the station's bytes come from. `what`:
 *     /dev/ttyS1   a serial port, set to raw, 8N1, `baud`
 *     -            standard input and output
 *     pty          a pseudo terminal, to try things out; its name is printed on standard output. RESET keeps it
 * NULL when all is well, else what is not, in words.
 */
const char *line_open(const char *what, long baud);
/* Waits for bytes. 0: the line is gone for good. */
uint32_t line_receive(uint8_t *to, uint32_t room);
/* Bytes leave at the end of a text line, or when many have collected. */
void line_put(uint8_t byte);
/* Until the last byte has left. */
void line_drain(void);

#endif
