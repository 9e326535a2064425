/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into a station: counts the calls by which a process changes the world outside it, and kills the process
 * with SIGKILL at the one it is told to. Counted: writes, syncs, renames and unlinks of files below FATAL_UNDER, and
 * whatever goes to a terminal (a board's port) or a socket (a cloud).
 * It begins when FATAL_UNDER is in the environment, at the start or later.
 *
 *   FATAL_UNDER  folder whose files count; "" = none
 *   FATAL_AT     the call at which the process dies, from 1; 0 = it lives
 *   FATAL_HALF   1 = half of a fatal write is done first
 *   FATAL_TOLD   file that gets the number of calls when the process ends by itself
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static atomic_int armed;
static atomic_long calls;
static long fatal_at;
static int half;
static const char *under;
static const char *told;
static pthread_mutex_t beginning = PTHREAD_MUTEX_INITIALIZER;

/* At the first call after the environment has them: a process that forks stations does not, and counts nothing. */
static int begun(void) {
    const char *folder;
    if (atomic_load(&armed)) return 1;
    if (!(folder = getenv("FATAL_UNDER"))) return 0;
    pthread_mutex_lock(&beginning);
    if (!atomic_load(&armed)) {
        const char *at = getenv("FATAL_AT"), *part = getenv("FATAL_HALF"), *file = getenv("FATAL_TOLD");
        fatal_at = at ? atol(at) : 0;
        half = part && part[0] == '1';
        under = strdup(folder);
        told = file ? strdup(file) : NULL;
        atomic_store(&armed, 1);
    }
    pthread_mutex_unlock(&beginning);
    return 1;
}

__attribute__((destructor)) static void end(void) {
    FILE *file = begun() && told ? fopen(told, "w") : NULL;
    told = NULL;
    if (file) {
        fprintf(file, "%ld\n", atomic_load(&calls));
        fclose(file);
    }
}

/* A forked station ends so: no destructor is run. */
void _exit(int code) {
    end();
    syscall(SYS_exit_group, code);
    for (;;) pause();
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int counts_path(const char *path) {
    char whole[PATH_MAX];
    if (!begun() || !under[0] || !path) return 0;
    if (path[0] != '/') {
        if (!realpath(path, whole)) return 0;
        path = whole;
    }
    return strncmp(path, under, strlen(under)) == 0;
}

static int counts(int fd) {
    char link[64], path[PATH_MAX];
    int before = errno;
    if (!begun()) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length <= 0 || fd <= 2) return 0;
    path[length] = 0;
    return strncmp(path, "/dev/pts/", 9) == 0 || strncmp(path, "/dev/tty", 8) == 0 ||
           strncmp(path, "socket:", 7) == 0 || counts_path(path);
}

static int is_fatal(void) { return atomic_fetch_add(&calls, 1) + 1 == fatal_at; }

static void step(void) {
    if (is_fatal()) die();
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
    if (counts(fd) && is_fatal()) {
        if (half && size > 1) NEXT(write)(fd, data, size / 2);
        die();
    }
    return NEXT(write)(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    if (counts(fd) && is_fatal()) {
        if (half && size > 1) NEXT(pwrite)(fd, data, size / 2, at);
        die();
    }
    return NEXT(pwrite)(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    if (counts(fd) && is_fatal()) {
        if (half && size > 1) NEXT(pwrite64)(fd, data, size / 2, at);
        die();
    }
    return NEXT(pwrite64)(fd, data, size, at);
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
    if (counts(fd) && is_fatal()) {
        if (half && size > 1) NEXT(send)(fd, data, size / 2, flags);
        die();
    }
    return NEXT(send)(fd, data, size, flags);
}

int fsync(int fd) {
    if (counts(fd)) step();
    return NEXT(fsync)(fd);
}

int fdatasync(int fd) {
    if (counts(fd)) step();
    return NEXT(fdatasync)(fd);
}

int ftruncate(int fd, off_t size) {
    if (counts(fd)) step();
    return NEXT(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    if (counts(fd)) step();
    return NEXT(ftruncate64)(fd, size);
}

int unlink(const char *path) {
    if (counts_path(path)) step();
    return NEXT(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
    if (counts_path(path)) step();
    return NEXT(unlinkat)(folder, path, flags);
}

int rename(const char *from, const char *to) {
    if (counts_path(to)) step();
    return NEXT(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    if (counts_path(to)) step();
    return NEXT(renameat)(from_folder, from, to_folder, to);
}

int tcsetattr(int fd, int when, const struct termios *settings) {
    if (counts(fd)) step();
    return NEXT(tcsetattr)(fd, when, settings);
}

int tcflush(int fd, int which) {
    if (counts(fd)) step();
    return NEXT(tcflush)(fd, which);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (counts(fd)) step();
    return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(fd, request, argument);
}
