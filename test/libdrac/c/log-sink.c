/* A unix datagram socket such as /dev/log: `log-sink PATH` prints what comes, a line for each datagram. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un address;
    char bytes[2048];
    ssize_t length;
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    if (argc != 2)
        return 2;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    while ((length = recv(fd, bytes, sizeof bytes, 0)) >= 0)
        printf("%.*s\n", (int)length, bytes);
    return 1;
}
