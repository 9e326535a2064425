/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework, for a syntax and type check. */
#pragma once

extern "C" bool watchdog_caused_reboot(void);
