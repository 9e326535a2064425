/* SPDX-License-Identifier: 0BSD */
#pragma once
#include <stddef.h>
int snprintf(char *to, size_t size, const char *format, ...);
