/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in raspberrypi/pico-sdk at 2.2.0. */
#pragma once

extern "C" bool watchdog_caused_reboot(void);
