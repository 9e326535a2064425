/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Boards of which is known what they will be asked: each answers on a pseudo-terminal of its own with what a simulated
 * board has answered, no sooner than its wire, adapter and flash allow, and asks for hardly any CPU.
 *
 * `esp_playback FILE` prints a terminal's name a board and lives until its input ends. It then prints the seconds of CPU
 * spent since the first question. A question that is not in the recording ends it with 1: nothing is made up.
 *
 * FILE, in this machine's own byte order: boards, latency; a board: its steps; a step: struct step, question, answer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 512, LONGEST_QUESTION = 8192 };

struct step {
    double byte_s, before_s, busy_s;
    uint32_t asked_bytes, answered_bytes;
};

struct told {
    struct step is;
    const uint8_t *asked, *answered;
};

struct board {
    int master;
    uint32_t steps, next;
    struct told *step;
    uint8_t heard[LONGEST_QUESTION];
    size_t heard_bytes;
    double to_board_free, to_host_free, busy_until; /* moments */
    const uint8_t *saying;
    size_t left;
    double piece_sent; /* when the last byte of the next piece has left the board */
    double byte_s;
};

static double latency_s;

static void must(int fine, const char *what)
{
    if (!fine) {
        perror(what);
        exit(1);
    }
}

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec * 1e-9;
}

static double cpu(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec + used.tv_nsec * 1e-9;
}

static double later(double a, double b)
{
    return a > b ? a : b;
}

static void take(FILE *file, void *where, size_t bytes)
{
    must(fread(where, 1, bytes, file) == bytes, "recording");
}

static const uint8_t *bytes_of(FILE *file, uint32_t count)
{
    uint8_t *bytes = malloc(count + 1);
    must(bytes != NULL, "memory");
    take(file, bytes, count);
    return bytes;
}

static void plug(struct board *board)
{
    struct termios raw;
    board->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    must(board->master >= 0 && grantpt(board->master) == 0 && unlockpt(board->master) == 0, "terminal");
    /* Held open too: reads must not end while no station has it open. */
    int station = open(ptsname(board->master), O_RDWR | O_NOCTTY);
    must(station >= 0 && tcgetattr(station, &raw) == 0, "terminal");
    cfmakeraw(&raw);
    must(tcsetattr(station, TCSANOW, &raw) == 0, "terminal");
    puts(ptsname(board->master));
}

static void read_board(FILE *file, struct board *board)
{
    take(file, &board->steps, sizeof board->steps);
    board->step = calloc(board->steps, sizeof *board->step);
    must(board->step != NULL, "memory");
    for (uint32_t i = 0; i < board->steps; i++) {
        struct told *told = &board->step[i];
        take(file, &told->is, sizeof told->is);
        must(told->is.asked_bytes <= LONGEST_QUESTION, "a question's length");
        told->asked = bytes_of(file, told->is.asked_bytes);
        told->answered = bytes_of(file, told->is.answered_bytes);
    }
}

static size_t next_piece(const struct board *board)
{
    return board->left < PIECE ? board->left : PIECE;
}

static void answer(struct board *board, const struct told *told)
{
    double ready = later(board->to_board_free, board->busy_until) + told->is.before_s;
    board->busy_until = ready + told->is.busy_s;
    board->saying = told->answered;
    board->left = told->is.answered_bytes;
    board->byte_s = told->is.byte_s;
    double begin = later(ready, board->to_host_free);
    board->to_host_free = begin + board->left * board->byte_s;
    board->piece_sent = begin + next_piece(board) * board->byte_s;
}

static const struct told *asked(const struct board *board, uint32_t step)
{
    const struct told *told = step < board->steps ? &board->step[step] : NULL;
    int same = told && told->is.asked_bytes == board->heard_bytes &&
               memcmp(told->asked, board->heard, board->heard_bytes) == 0;
    return same ? told : NULL;
}

static uint32_t begins(const struct board *board)
{
    const struct told *told = board->next < board->steps ? &board->step[board->next] : NULL;
    return told && board->heard_bytes < told->is.asked_bytes &&
           memcmp(told->asked, board->heard, board->heard_bytes) == 0;
}

/* What is asked once more, since the answer was long in coming, is answered once more. */
static void hear(struct board *board, int number)
{
    ssize_t came = read(board->master, board->heard + board->heard_bytes, sizeof board->heard - board->heard_bytes);
    if (came < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    must(came > 0, "read");
    board->heard_bytes += came;
    const struct told *told = asked(board, board->next);
    double byte_s = board->step[board->next < board->steps ? board->next : board->steps - 1].is.byte_s;
    board->to_board_free = later(now(), board->to_board_free) + came * byte_s;
    if (told)
        board->next++;
    else if (board->next && !begins(board))
        told = asked(board, board->next - 1);
    if (told) {
        board->heard_bytes = 0;
        answer(board, told);
    } else if (!begins(board)) {
        fprintf(stderr, "board %d is asked what it was not at step %u\n", number, board->next);
        exit(1);
    }
}

static void say(struct board *board)
{
    size_t bytes = next_piece(board);
    must(write(board->master, board->saying, bytes) == (ssize_t)bytes, "write");
    board->saying += bytes;
    board->left -= bytes;
    board->piece_sent += next_piece(board) * board->byte_s;
}

static void serve(struct board *boards, struct pollfd *fds, uint32_t count)
{
    double cpu_at_first = -1;
    while (!fds[count].revents) {
        double soonest = 1e300, at = now();
        for (uint32_t i = 0; i < count; i++) {
            struct board *board = &boards[i];
            while (board->left && board->piece_sent + latency_s <= at)
                say(board);
            if (board->left && board->piece_sent + latency_s < soonest)
                soonest = board->piece_sent + latency_s;
        }
        double wait = later(0, soonest - now());
        struct timespec until = {.tv_sec = wait < 3600 ? wait : 3600};
        until.tv_nsec = wait < 3600 ? (wait - until.tv_sec) * 1e9 : 0;
        if (ppoll(fds, count + 1, &until, NULL) <= 0)
            continue;
        if (cpu_at_first < 0)
            cpu_at_first = cpu();
        for (uint32_t i = 0; i < count; i++)
            if (fds[i].revents)
                hear(&boards[i], i);
    }
    printf("%f\n", cpu_at_first < 0 ? 0 : cpu() - cpu_at_first);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    uint32_t count;
    must(file != NULL, "recording");
    take(file, &count, sizeof count);
    take(file, &latency_s, sizeof latency_s);
    struct board *boards = calloc(count, sizeof *boards);
    struct pollfd *fds = calloc(count + 1, sizeof *fds);
    must(boards && fds, "memory");
    for (uint32_t i = 0; i < count; i++) {
        read_board(file, &boards[i]);
        plug(&boards[i]);
        fds[i] = (struct pollfd){.fd = boards[i].master, .events = POLLIN};
    }
    fds[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    fflush(stdout);
    serve(boards, fds, count);
    return 0;
}
