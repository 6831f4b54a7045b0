/* What drac-report was asked to do. */
#ifndef DRAC_OPTIONS_H
#define DRAC_OPTIONS_H
#include "../src/text.h"

enum mode { MODE_GUESS, MODE_ARGUMENT, MODE_PAM, MODE_COURIER, MODE_CYRUS };

struct options {
    enum mode mode;
    const char *address; /* MODE_ARGUMENT */
    const char *host;    /* --host: list for RPC */
    const char *control; /* --control: path, without "unix:" */
    const char *user, *source;
    long timeout_ms;
    long while_parent_lives; /* seconds; 0: report once */
    int background;          /* go to the background for it */
    int exit_status;         /* say what happened by the exit status in every mode */
    int verbose;             /* notes to standard error in every mode, and one about success */
    int show;                /* 'h' help, 'V' version, or 0 */
};

/* 1, or 0 with *problem set. The mode is never left MODE_GUESS. */
int options_parse(int argc, char **argv, struct options *options, struct drac_text *problem);
extern const char options_help[];
#endif
