/*
 * As the UW IMAP patches call: no declaration at all beyond K&R's, the host from a file's first line or DRACHOST, off
 * when that is empty; the message used as it is; renewed while the session lasts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/inet.h>

int dracauth();

static char drachost[128];

static int drac_auth(client) char *client;
{
    char *err = "";

    if (drachost[0] == '\0')
        return 0;
    if (dracauth(drachost, inet_addr(client), &err) != 0) {
        printf("%s\n", err);
        return 1;
    }
    printf("dracd: authorized ip %s\n", client);
    return 0;
}

int main(argc, argv) int argc;
char **argv;
{
    FILE *file = argc > 2 && *argv[1] != '\0' ? fopen(argv[1], "r") : NULL;
    char *env = getenv("DRACHOST");

    if (file != NULL) {
        if (fgets(drachost, sizeof drachost, file) == NULL)
            drachost[0] = '\0';
        fclose(file);
    } else if (env != NULL) {
        strncpy(drachost, env, sizeof drachost - 1);
    }
    return drac_auth(argv[2]) || drac_auth(argv[2]);
}
