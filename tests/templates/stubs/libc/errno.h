/* SPDX-License-Identifier: 0BSD */
#pragma once
#define ENOENT 2
#define EINVAL 22
#define ENOSPC 28
