/* SPDX-License-Identifier: 0BSD */
/*
 * This machine as the hardware under a framework: flash is a file, the UART is standard input and output. Started as
 * PROGRAM FLASH-FILE UID; the end of the input is the end of the board.
 */
#ifndef HOST_BOARD_H
#define HOST_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

extern uint8_t host_uid[8];
extern bool host_restarted; /* by host_restart, not by power */

/* `where`: the address the chip's flash has, or NULL. The file is made, erased, when there is none. */
void host_begin(int argc, char **argv, void *where, uint32_t size);
extern uint8_t *host_cells;
/* Cells of `unit` bytes that are programmed once after each erase, as flash with ECC; 0: bits go from 1 to 0 as often as
 * wanted. False: the chip would refuse. */
bool host_program(uint32_t at, const void *from, uint32_t n, uint32_t unit);
bool host_erase(uint32_t at, uint32_t n);
uint8_t host_receive(void);       /* waits */
bool host_has_received(void);
void host_wait(void);             /* until host_receive would not */
void host_send(uint8_t byte);
void host_restart(void);

#ifdef __cplusplus
}
#endif
#endif
