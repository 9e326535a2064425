/* SPDX-License-Identifier: 0BSD */
/*
 * A file that is written as flash would be, and is always whole: every change that counts makes a new file, syncs it,
 * renames it over the old one and syncs the directory. Killed at any moment, by SIGKILL or by the plug, the old file or
 * the new one is there.
 *
 * What is erased, header and payload are only kept in RAM until the commit word (slot.h) is programmed: a COMMIT costs two new
 * files, one for each slot.
 */
#ifndef FILE_FLASH_H
#define FILE_FLASH_H

#include "identity_file.h"

/* NULL when all is well, else what is not, in words. Takes the lock that keeps a second agent away. Once. */
const char *file_flash_open(const char *path, struct store_flash *flash);

#endif
