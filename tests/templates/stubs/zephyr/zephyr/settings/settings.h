/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in zephyrproject-rtos/zephyr at v3.3.0;
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef ssize_t (*settings_read_cb)(void *argument, void *to, size_t n);
struct settings_handler_static {
    const char *name;
    int (*h_get)(const char *key, char *value, int most);
    int (*h_set)(const char *key, size_t n, settings_read_cb read, void *argument);
    int (*h_commit)(void);
    int (*h_export)(int (*export_func)(const char *name, const void *value, size_t n));
};
#define SETTINGS_STATIC_HANDLER_DEFINE(hname, tree, get, set, commit, export)                                          \
    extern const struct settings_handler_static settings_handler_##hname;                                              \
    const struct settings_handler_static settings_handler_##hname = {tree, get, set, commit, export}
int settings_subsys_init(void);
int settings_load_subtree(const char *subtree);
