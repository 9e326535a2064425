/* SPDX-License-Identifier: 0BSD */
/* A chip's unique id as the text that `struct agent_board` wants: lower-case hex. Ports call it; the agent does not. */
#ifndef UID_H
#define UID_H

#include <stdint.h>

/* `text` has room for 2 * n + 1. */
void uid_of_bytes(char *text, const volatile uint8_t *id, uint32_t n);
/* `text` has room for 8 * n + 1; each word's highest digit comes first. */
void uid_of_words(char *text, const uint32_t *id, uint32_t n);

#endif
