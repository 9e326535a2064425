/* SPDX-License-Identifier: 0BSD */
/*
 * Loaded before the C library: kills the process at the n-th system call that changes a file. DIE_AT="n before|half|after":
 * not done, a write done by half, or done but the program never learns.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int count;
static char moment[8];

static int is_the_one(void)
{
    int n;
    const char *wish = getenv("DIE_AT");
    return wish && sscanf(wish, "%d %7s", &n, moment) == 2 && ++count == n;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define AROUND(call)                                                                                                   \
    do {                                                                                                               \
        int chosen = is_the_one();                                                                                     \
        if (chosen && moment[0] != 'a')                                                                                \
            die();                                                                                                     \
        int result = call;                                                                                             \
        if (chosen)                                                                                                    \
            die();                                                                                                     \
        return result;                                                                                                 \
    } while (0)

int fsync(int fd) { AROUND(REAL(fsync)(fd)); }
int unlinkat(int at, const char *name, int flags) { AROUND(REAL(unlinkat)(at, name, flags)); }
int renameat(int from_at, const char *from, int to_at, const char *to) { AROUND(REAL(renameat)(from_at, from, to_at, to)); }

int openat(int at, const char *name, int flags, ...)
{
    va_list more;
    mode_t mode = 0;

    if (!(flags & O_CREAT))
        return REAL(openat)(at, name, flags);
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
    AROUND(REAL(openat)(at, name, flags, mode));
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    struct stat what;

    if (fstat(fd, &what) != 0 || !S_ISREG(what.st_mode) || !is_the_one())
        return REAL(write)(fd, bytes, n);
    if (moment[0] != 'b' && REAL(write)(fd, bytes, moment[0] == 'h' ? n / 2 : n) < 0)
        return -1;
    die();
    return -1;
}
