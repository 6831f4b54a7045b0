/* `time N SERVER ADDRESS`: dracauth N times in one process; prints the seconds that one took. As reference.c's. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "drac.h"

int main(int argc, char **argv)
{
    struct timespec start, end;
    int times, i;

    if (argc != 4)
        return 2;
    times = atoi(argv[1]);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < times; i++)
        dracauth(argv[2], inet_addr(argv[3]), NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.9f\n", ((double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9) / times);
    return 0;
}
