/* SPDX-License-Identifier: 0BSD */
#pragma once
#include <stddef.h>
void *malloc(size_t size);
void free(void *block);
