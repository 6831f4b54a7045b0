#include "../src/platform.h"
#include "parent.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include "../src/clock.h"

#define LOOK_EVERY_MS 5000 /* without a pidfd: how late the parent's end may be seen */
#define MAX_DESCRIPTORS 4096
#define STEP_MS 2

struct parent parent_get(void)
{
    struct parent parent;

    parent.pid = (long)getppid();
    parent.fd = -1;
#ifdef SYS_pidfd_open
    parent.fd = (int)syscall(SYS_pidfd_open, parent.pid, 0);
#endif
    return parent;
}

int parent_is_known(const struct parent *parent)
{
    return parent->pid > 1;
}

static void let_go(int kept)
{
    int nothing, fd;
    long limit = sysconf(_SC_OPEN_MAX);

    if (limit < 0 || limit > MAX_DESCRIPTORS)
        limit = MAX_DESCRIPTORS;
    for (fd = 0; fd < limit; fd++)
        if (fd != kept)
            close(fd);
    nothing = open("/dev/null", O_RDWR);
    while (nothing >= 0 && nothing < 2)
        nothing = dup(nothing);
}

int parent_stay_behind(struct parent *parent)
{
    pid_t child;

    if (parent->fd >= 0 && parent->fd <= 2) { /* 0 to 2 are wanted for /dev/null */
        int higher = fcntl(parent->fd, F_DUPFD, 3);

        close(parent->fd);
        parent->fd = higher;
    }
    child = fork();
    if (child != 0)
        return child > 0 ? 1 : -1;
    setsid();
    let_go(parent->fd);
    return chdir("/") == 0 ? 0 : -1;
}

/* Steps rather than SIGCHLD, which needs what not every system has. */
void parent_wait_for_child(long ms)
{
    int64_t deadline = drac_clock_ms() + ms;

    while (waitpid(-1, NULL, WNOHANG) == 0 && drac_clock_ms() < deadline)
        poll(NULL, 0, STEP_MS);
}

static int64_t ms_to_wait(const struct parent *parent, int64_t left)
{
    if (parent->fd < 0 && left > LOOK_EVERY_MS)
        return LOOK_EVERY_MS;
    return left > 60000 ? 60000 : left;
}

int parent_lives_on(const struct parent *parent, long seconds)
{
    int64_t deadline = drac_clock_ms() + (int64_t)seconds * 1000, left;
    struct pollfd ended;

    ended.fd = parent->fd; /* below 0: poll(2) only waits */
    ended.events = POLLIN;
    while ((left = deadline - drac_clock_ms()) > 0) {
        if (poll(&ended, 1, (int)ms_to_wait(parent, left)) > 0)
            return 0;
        if (parent->fd < 0 && kill((pid_t)parent->pid, 0) != 0 && errno == ESRCH)
            return 0;
    }
    return 1;
}
