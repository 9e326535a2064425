/* SPDX-License-Identifier: GPL-3.0-or-later
 * A disk whose syncs take a while, in front of any program: LD_PRELOAD, SYNC_US. It adds to what the real one takes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int after_a_while(const char *name, int fd)
{
    const char *us = getenv("SYNC_US");
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (us)
        usleep((useconds_t)atoi(us));
    return real(fd);
}

int fdatasync(int fd) { return after_a_while("fdatasync", fd); }
int fsync(int fd) { return after_a_while("fsync", fd); }
