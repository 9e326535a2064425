/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework, for a syntax and type check. */
#pragma once

#define SYS_REBOOT_COLD 1
_Noreturn void sys_reboot(int type);
