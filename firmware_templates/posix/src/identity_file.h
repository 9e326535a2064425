/* SPDX-License-Identifier: 0BSD */
/* The identity's file: the two slots of ../../agent/store.h, one behind the other. No file is a blank board. */
#ifndef IDENTITY_FILE_H
#define IDENTITY_FILE_H

#include "store.h"

#define IDENTITY_SLOT_SIZE 20480u
#define IDENTITY_FILE_SIZE (2u * IDENTITY_SLOT_SIZE)

#define IDENTITY_NO_FILE (-1)
#define IDENTITY_BAD_FILE (-2)

/* The file `name` in the open directory, for reading; or one of the two above. A file of another size is not ours. */
int identity_file_open(int directory, const char *name);
/* `file` may be IDENTITY_NO_FILE: all 0xFF. */
bool identity_file_read(int file, uint32_t at, void *to, uint32_t n);

/* For the product's own programs: from now on the getters of ../../product read this file, anew at each call, so they see
 * what the agent writes meanwhile. Never writes. `path` must stay valid. */
void identity_file_for_getters(const char *path);

#endif
