#include "socket.h"
#include <fcntl.h>
#include <sys/socket.h>

void drac_set_descriptor_flags(int fd)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

int drac_socket(int family, int type)
{
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
    int fd = socket(family, type, 0);

    if (fd >= 0)
        drac_set_descriptor_flags(fd);
    return fd;
#endif
}
