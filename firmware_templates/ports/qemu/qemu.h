/* SPDX-License-Identifier: 0BSD */
/* What QEMU's boards lack: a unique id, which who starts QEMU puts into RAM, and a reset cause, which RAM that was kept tells. */
#ifndef QEMU_H
#define QEMU_H

#include <stdint.h>

/* The 8 bytes at `at`, in hex. */
const char *qemu_uid(uint32_t at);
/* `life`: a word that is not loaded anew when the board restarts. Once. */
const char *qemu_reset_cause(volatile uint32_t *life);
/* The next restart was asked for. */
void qemu_restarts(volatile uint32_t *life);

#endif
