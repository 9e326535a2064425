/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into a process: tells in TOLD_TO, in order, what it does to the files below TOLD_UNDER, so that the disk can
 * be made as a power cut at any moment might have left it. A record is a line and its data:
 *
 *   W offset size path      size bytes of data, then a line end
 *   T size path             truncated
 *   S path                  synced
 *   U path                  unlinked
 *   R from TAB to           renamed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static FILE *to;
static const char *under = "";
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TOLD_TO"), *folder = getenv("TOLD_UNDER");
    under = folder ? folder : "";
    to = path && under[0] ? fopen(path, "we") : NULL;
}

static int path_of(int fd, char path[PATH_MAX]) {
    char link[64];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = to ? readlink(link, path, PATH_MAX - 1) : -1;
    errno = before;
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, under, strlen(under)) == 0;
}

static void tell(const void *data, size_t size, const char *format, ...) {
    va_list arguments;
    pthread_mutex_lock(&one_at_a_time);
    va_start(arguments, format);
    vfprintf(to, format, arguments);
    va_end(arguments);
    if (data) {
        fwrite(data, 1, size, to);
        fputc('\n', to);
    }
    fflush(to);
    pthread_mutex_unlock(&one_at_a_time);
}

static void tell_write(int fd, const void *data, ssize_t size, off_t at) {
    char path[PATH_MAX];
    if (size > 0 && path_of(fd, path)) tell(data, size, "W %lld %zd %s\n", (long long)at, size, path);
}

ssize_t write(int fd, const void *data, size_t size) {
    struct stat now;
    off_t at = fcntl(fd, F_GETFL) & O_APPEND ? (fstat(fd, &now) ? 0 : now.st_size) : lseek(fd, 0, SEEK_CUR);
    ssize_t done = NEXT(write)(fd, data, size);
    if (!to || fd != fileno(to)) tell_write(fd, data, done, at);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    ssize_t done = NEXT(pwrite)(fd, data, size, at);
    tell_write(fd, data, done, at);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    ssize_t done = NEXT(pwrite64)(fd, data, size, at);
    tell_write(fd, data, done, at);
    return done;
}

int ftruncate(int fd, off_t size) {
    char path[PATH_MAX];
    int done = NEXT(ftruncate)(fd, size);
    if (!done && path_of(fd, path)) tell(NULL, 0, "T %lld %s\n", (long long)size, path);
    return done;
}

int ftruncate64(int fd, off64_t size) {
    char path[PATH_MAX];
    int done = NEXT(ftruncate64)(fd, size);
    if (!done && path_of(fd, path)) tell(NULL, 0, "T %lld %s\n", (long long)size, path);
    return done;
}

int fsync(int fd) {
    char path[PATH_MAX];
    int done = NEXT(fsync)(fd);
    if (!done && path_of(fd, path)) tell(NULL, 0, "S %s\n", path);
    return done;
}

int fdatasync(int fd) {
    char path[PATH_MAX];
    int done = NEXT(fdatasync)(fd);
    if (!done && path_of(fd, path)) tell(NULL, 0, "S %s\n", path);
    return done;
}

int unlink(const char *path) {
    int done = NEXT(unlink)(path);
    if (!done && to && strncmp(path, under, strlen(under)) == 0) tell(NULL, 0, "U %s\n", path);
    return done;
}

int rename(const char *from, const char *onto) {
    int done = NEXT(rename)(from, onto);
    if (!done && to && strncmp(onto, under, strlen(under)) == 0) tell(NULL, 0, "R %s\t%s\n", from, onto);
    return done;
}
