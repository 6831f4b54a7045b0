/*
 * `spawn N PROGRAM ARGUMENT...`: runs the program N times, one after the other, and prints the seconds that one took
 * from fork to end, and the largest memory that one has had, in KiB.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct timespec start, end;
    struct rusage usage;
    int times, i, status, quiet = open("/dev/null", O_RDWR);
    pid_t child;

    if (argc < 3)
        return 2;
    times = atoi(argv[1]);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < times; i++) {
        child = vfork();
        if (child == 0) {
            dup2(quiet, 1);
            dup2(quiet, 2);
            execv(argv[2], argv + 2);
            _exit(127);
        }
        if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) == 127)
            return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("%.9f %ld\n", ((double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9) / times,
           usage.ru_maxrss);
    return 0;
}
