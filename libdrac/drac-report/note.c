#include "note.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "../src/socket.h"
#include "../src/text.h"

#define MAIL_WARNING "<20>" /* RFC 3164 section 4.1.1: facility 2, severity 4 */

static int to_syslog;

void note_to_syslog(int enabled)
{
    to_syslog = enabled;
}

/* syslog(3) blocks when the log daemon hangs; a datagram that finds no room is dropped instead. */
static void send_to_syslog(const char *line, size_t length)
{
    struct sockaddr_un address;
    int fd = drac_socket(AF_UNIX, SOCK_DGRAM);

    if (fd < 0)
        return;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, "/dev/log");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        send(fd, line, length, MSG_NOSIGNAL);
    close(fd);
}

static void add_printable(struct drac_text *line, const char *words)
{
    for (; *words != '\0'; words++)
        drac_text_add_char(line, (unsigned char)*words < 0x20 || (unsigned char)*words >= 0x7f ? '?' : *words);
}

void note(const char *what, const char *detail)
{
    char bytes[640];
    struct drac_text line = drac_text_start(bytes, sizeof bytes);

    if (to_syslog) {
        drac_text_add(&line, MAIL_WARNING "drac-report[");
        drac_text_add_number(&line, (unsigned long)getpid());
        drac_text_add(&line, "]: ");
    } else {
        drac_text_add(&line, "drac-report: ");
    }
    add_printable(&line, what);
    if (*detail != '\0')
        drac_text_add(&line, ": ");
    add_printable(&line, detail);
    if (to_syslog) {
        send_to_syslog(bytes, line.used);
        return;
    }
    drac_text_add_char(&line, '\n');
    if (write(2, bytes, line.used) < 0)
        return;
}
