/* SPDX-License-Identifier: 0BSD */
/* For targets without a C library: the frameworks bring their own. */
#pragma once
#include <stddef.h>
typedef long ssize_t;
typedef long off_t;
