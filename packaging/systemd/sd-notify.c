/*
 * sd-notify: sends each line of standard input to the service manager as one sd_notify(3) datagram, and ends with it.
 * Tabs between the assignments of a line become newlines. dracd keeps one of these running, because Node.js has no
 * unix datagram sockets and a new process for every watchdog ping would cost more than the daemon itself.
 * Exits 0 at end of input, 1 without a usable NOTIFY_SOCKET. What systemd does not take is lost, as with sd_notify.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char line[4096];

	/* sun_path: an absolute path, or "@" for Linux's abstract names, whose first byte is NUL */
	if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof to.sun_path)
		return 1;
	memcpy(to.sun_path, path, strlen(path));
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (path[0] == '/'));

	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 1;
	/* The last message, that dracd stops, comes after the signal that stops it. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	while (fgets(line, sizeof line, stdin) != NULL) {
		size_t size = strcspn(line, "\n");
		for (size_t i = 0; i < size; i++)
			if (line[i] == '\t')
				line[i] = '\n';
		sendto(fd, line, size, MSG_NOSIGNAL, (struct sockaddr *)&to, length);
	}
	return 0;
}
