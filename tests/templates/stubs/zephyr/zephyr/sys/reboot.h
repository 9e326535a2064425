/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in zephyrproject-rtos/zephyr at v3.3.0;
 * tests/firmware/real holds the functions against it. */
#pragma once

#define SYS_REBOOT_COLD 1
_Noreturn void sys_reboot(int type);
