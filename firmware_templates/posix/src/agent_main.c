/* SPDX-License-Identifier: 0BSD */
/*
 * The agent as a Linux program:
 *     station-agent -i FILE (-u UID | -U FILE) [-b BAUD] [-r CAUSE] LINE
 *         -i   the identity's file
 *         -u   the board's unique id; -U: the first line of a file, such as /sys/class/net/eth0/address
 *         -r   why the device was started: power (unless said otherwise), soft, watchdog, pin, unknown
 *     LINE as in serial_line.h. RESET starts the program anew; a device that must show more, reboots here.
 *     Ends with 0 when the line is gone, 1 when it cannot begin, and says why.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent.h"
#include "bytes.h"
#include "file_flash.h"
#include "serial_line.h"

#define RESTARTED "STATION_AGENT_RESTARTED"
#define UID_MIN 4u
#define UID_MAX 64u

static char **arguments;

static void restart(void)
{
    line_drain();
    setenv(RESTARTED, "1", 1);
    execv("/proc/self/exe", arguments);
    _exit(1); /* the service manager starts it again */
}

/* Lower case and without the colons of a MAC address. False when that is no uid. */
static bool take_uid(const char *from, char uid[UID_MAX + 1])
{
    uint32_t n = 0;

    for (; *from && *from != '\n'; from++) {
        char c = *from >= 'A' && *from <= 'Z' ? (char)(*from - 'A' + 'a') : *from;
        if (c == ':')
            continue;
        if (n == UID_MAX || !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-'))
            return false;
        uid[n++] = c;
    }
    uid[n] = 0;
    return n >= UID_MIN;
}

static bool read_uid(const char *path, char uid[UID_MAX + 1])
{
    char text[2 * UID_MAX];
    FILE *from = fopen(path, "r");
    bool good = from && fgets(text, sizeof text, from) && take_uid(text, uid);

    if (from)
        fclose(from);
    return good;
}

static int refuse(const char *why)
{
    fprintf(stderr, "station-agent: %s\n", why);
    return 1;
}

static _Noreturn void usage(void)
{
    fputs("usage: station-agent -i FILE (-u UID | -U FILE) [-b BAUD] [-r CAUSE] LINE\n", stderr);
    exit(1);
}

int main(int argc, char **argv)
{
    static struct agent agent;
    static char uid[UID_MAX + 1];
    static struct agent_board board = {
        .type = "linux", .firmware = "1.0.0", .uid = uid, .reset_cause = "power", .put = line_put, .reset = restart,
        .window = 2048, /* the kernel keeps 4095 */
    };
    const struct rlimit no_core = {0, 0}; /* a dump could hold a secret */
    const char *identity = NULL, *wrong;
    uint8_t bytes[256];
    long baud = 115200;
    bool has_uid = false;

    arguments = argv;
    for (int option; (option = getopt(argc, argv, "i:u:U:b:r:")) != -1;) {
        if (option == 'i')
            identity = optarg;
        else if (option == 'u')
            has_uid = take_uid(optarg, uid);
        else if (option == 'U')
            has_uid = read_uid(optarg, uid);
        else if (option == 'b')
            baud = strtol(optarg, NULL, 10);
        else if (option == 'r')
            board.reset_cause = optarg;
        else
            usage();
    }
    if (!identity || optind != argc - 1)
        usage();
    if (!has_uid)
        return refuse("no usable unique id: 4 to 64 of 0-9 a-z . _ - are needed");
    if (getenv(RESTARTED))
        board.reset_cause = "soft";
    setrlimit(RLIMIT_CORE, &no_core);
    if ((wrong = file_flash_open(identity, &board.flash)) || (wrong = line_open(argv[optind], baud)))
        return refuse(wrong);
    agent_start(&agent, &board);
    for (uint32_t n; (n = line_receive(bytes, sizeof bytes)) > 0;) {
        for (uint32_t i = 0; i < n; i++)
            agent_take(&agent, bytes[i]);
        bytes_wipe(bytes, n); /* part of a secret, perhaps */
    }
    return 0;
}
