/*
 * Calls the library as the arguments say, one step after the other, and prints "RESULT<TAB>MESSAGE<TAB>MS" for each.
 *
 *   auth SERVER ADDRESS   conn SERVER   send ADDRESS   disc   (and auth6, conn6, send6, disc6)
 *   wait                  prints "wait" and reads a line
 *   fork                  goes on in a child; the parent waits for it and exits as it does
 *   closefrom             closes every descriptor from 3 on, and opens some of its own under the same numbers
 *   open                  opens twenty descriptors
 *   threads N SERVER      N threads at once: each conn, send (its own address) and disc, twenty times
 *   check                 fails unless errno and the descriptors are as they were at the start
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "drac.h"

static char *message = "not set";

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static unsigned long ipv4(const char *text)
{
    return inet_addr(text);
}

static unsigned char *ipv6(const char *text)
{
    static struct in6_addr address;

    if (inet_pton(AF_INET6, text, &address) != 1)
        exit(2);
    return address.s6_addr;
}

static int open_descriptors(void)
{
    int fd, open = 0;

    for (fd = 0; fd < 256; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    return open;
}

struct job {
    char *server;
    int number, failures;
};

static void *work(void *argument)
{
    struct job *job = argument;
    char address[32], *text;
    int i;

    snprintf(address, sizeof address, "192.0.2.%d", job->number);
    for (i = 0; i < 20; i++) {
        job->failures += dracconn(job->server, &text) != 0 || strcmp(text, "Connect succeeded") != 0;
        job->failures += dracsend(inet_addr(address), &text) != 0 || strcmp(text, "Server reports add succeeded") != 0;
        job->failures += dracdisc(&text) != 0 || strcmp(text, "Disconnect succeeded") != 0;
        job->failures += dracsend(inet_addr(address), &text) != -1 || strcmp(text, "Not connected") != 0;
    }
    return NULL;
}

static int run_threads(int count, char *server)
{
    pthread_t threads[64];
    struct job jobs[64];
    int i, failures = 0;

    for (i = 0; i < count && i < 64; i++) {
        jobs[i].server = server;
        jobs[i].number = i + 1;
        jobs[i].failures = 0;
        pthread_create(&threads[i], NULL, work, &jobs[i]);
    }
    for (i = 0; i < count && i < 64; i++) {
        pthread_join(threads[i], NULL);
        failures += jobs[i].failures;
    }
    return failures;
}

static void go_on_in_child(void)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        return;
    waitpid(child, &status, 0);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}

int main(int argc, char **argv)
{
    int i = 1, errno_kept = 1, descriptors = open_descriptors();
    char line[16];

    setvbuf(stdout, NULL, _IOLBF, 0);
    errno = 77;
    while (i < argc) {
        char *step = argv[i++];
        double start = now_ms();
        int result;

        if (strcmp(step, "auth") == 0) {
            result = dracauth(argv[i], ipv4(argv[i + 1]), &message), i += 2;
        } else if (strcmp(step, "conn") == 0) {
            result = dracconn(argv[i], &message), i += 1;
        } else if (strcmp(step, "send") == 0) {
            result = dracsend(ipv4(argv[i]), &message), i += 1;
        } else if (strcmp(step, "disc") == 0) {
            result = dracdisc(&message);
        } else if (strcmp(step, "auth6") == 0) {
            result = dracauth6(argv[i], ipv6(argv[i + 1]), &message), i += 2;
        } else if (strcmp(step, "conn6") == 0) {
            result = dracconn6(argv[i], &message), i += 1;
        } else if (strcmp(step, "send6") == 0) {
            result = dracsend6(ipv6(argv[i]), &message), i += 1;
        } else if (strcmp(step, "disc6") == 0) {
            result = dracdisc6(&message);
        } else if (strcmp(step, "threads") == 0) {
            result = run_threads(atoi(argv[i]), argv[i + 1]), i += 2;
        } else if (strcmp(step, "check") == 0) {
            result = !errno_kept || open_descriptors() != descriptors, errno = 77;
        } else if (strcmp(step, "wait") == 0) {
            puts("wait");
            if (fgets(line, sizeof line, stdin) == NULL)
                return 2;
            continue;
        } else if (strcmp(step, "fork") == 0) {
            go_on_in_child();
            continue;
        } else if (strcmp(step, "open") == 0) {
            for (result = 0; result < 20; result++)
                descriptors += dup(1) >= 0;
            continue;
        } else if (strcmp(step, "closefrom") == 0) {
            for (result = 3; result < 64; result++)
                close(result);
            for (result = 3; result < 32; result++)
                if (dup(1) < 0)
                    return 2;
            descriptors = open_descriptors();
            errno = 77;
            continue;
        } else {
            return 2;
        }
        errno_kept &= errno == 77;
        printf("%d\t%s\t%.0f\n", result, message, now_ms() - start);
        errno = 77;
    }
    return 0;
}
