/* SPDX-License-Identifier: 0BSD */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE /* cfmakeraw, rates above 38400 */
#include "serial_line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int in = -1, out = -1;
static uint8_t waiting[256];
static size_t waits;

static const struct rate {
    long baud;
    speed_t code;
} rates[] = {
    {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},
    {115200, B115200}, {230400, B230400}, {460800, B460800}, {921600, B921600},
};

static const char *make_raw(int line, long baud)
{
    struct termios settings;

    if (tcgetattr(line, &settings) != 0)
        return "this is no serial port";
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (rates[i].baud == baud) {
            cfsetispeed(&settings, rates[i].code);
            cfsetospeed(&settings, rates[i].code);
            return tcsetattr(line, TCSANOW, &settings) == 0 ? NULL : "the serial port refuses its settings";
        }
    return "this speed is not supported";
}

/* Where the program was before RESET started it anew: the number of the pseudo terminal that the station has open. Both its
 * ends stay open over that. */
#define KEPT "STATION_AGENT_PTY"

static bool take_kept_pty(void)
{
    const char *kept = getenv(KEPT);
    int master = kept ? atoi(kept) : -1;

    if (master < 0 || !ptsname(master))
        return false;
    in = out = master;
    return true;
}

static const char *open_pty(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
    const char *slave_name, *wrong;
    char number[12];

    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || !(slave_name = ptsname(master)))
        return "this system has no pseudo terminals";
    slave = open(slave_name, O_RDWR | O_NOCTTY); /* stays open: reads would end when the station closes its side */
    if (slave < 0 || (wrong = make_raw(slave, 115200)))
        return slave < 0 ? "the pseudo terminal cannot be opened" : wrong;
    printf("%s\n", slave_name);
    fflush(stdout);
    snprintf(number, sizeof number, "%d", master);
    setenv(KEPT, number, 1);
    in = out = master;
    return NULL;
}

const char *line_open(const char *what, long baud)
{
    if (strcmp(what, "pty") == 0)
        return take_kept_pty() ? NULL : open_pty();
    if (strcmp(what, "-") == 0) {
        in = STDIN_FILENO;
        out = STDOUT_FILENO;
        return NULL;
    }
    in = out = open(what, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return in < 0 ? "the serial port cannot be opened" : make_raw(in, baud);
}

uint32_t line_receive(uint8_t *to, uint32_t room)
{
    struct pollfd line = {.fd = in, .events = POLLIN};

    for (;;) {
        ssize_t n = read(in, to, room);
        if (n > 0)
            return (uint32_t)n;
        if (n == 0 || (errno != EINTR && errno != EAGAIN))
            return 0;
        if (errno == EAGAIN && poll(&line, 1, -1) < 0 && errno != EINTR)
            return 0;
    }
}

/* What nobody takes is lost, as on a wire: a station that went away must not stop the agent. */
static void send_waiting(void)
{
    struct pollfd line = {.fd = out, .events = POLLOUT};

    for (size_t done = 0; done < waits;) {
        ssize_t n = write(out, waiting + done, waits - done);
        if (n > 0)
            done += (size_t)n;
        else if (errno == EAGAIN && poll(&line, 1, 1000) > 0)
            continue;
        else if (errno != EINTR)
            break;
    }
    waits = 0;
}

void line_put(uint8_t byte)
{
    waiting[waits++] = byte;
    if (byte == '\n' || waits == sizeof waiting)
        send_waiting();
}

void line_drain(void)
{
    send_waiting();
    tcdrain(out);
}
