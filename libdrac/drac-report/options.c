#include "options.h"
#include <stdlib.h>
#include <string.h>
#include "../src/clock.h"

const char options_help[] =
    "Usage: drac-report [OPTION]... ADDRESS\n"
    "       drac-report [OPTION]... --pam | --courier | --cyrus\n"
    "Tells dracd that a client has just logged in, so that it may relay for a while.\n"
    "\n"
    "  --pam        take PAM_RHOST and PAM_USER, as pam_exec(8) sets them (type account or open_session)\n"
    "  --courier    take TCPREMOTEIP and AUTHENTICATED, as Courier's imapd and pop3d have them\n"
    "  --cyrus      read a Login or Logout event of Cyrus' notify_external from standard input\n"
    "  --host LIST          tell these over RPC: host, host:port, [IPv6]:port, separated by commas\n"
    "  --control unix:PATH  tell dracd over its control socket; with --host, that is tried second\n"
    "  --user NAME, --source NAME   what to say besides the address (control socket only)\n"
    "  --timeout SECONDS    never take longer; 2, or DRAC_TIMEOUT\n"
    "  --background  exit at once and report from the background: nobody waits for dracd\n"
    "  --while-parent-lives SECONDS  the same, and report again every so many seconds while the process that started\n"
    "               this one runs, and then its end\n"
    "  --exit-status  tell by the exit status in the three modes above, which exit 0 otherwise\n"
    "  --verbose    say on standard error what happened\n"
    "  --help, --version\n"
    "\n"
    "Without --host and --control: DRACHOST, else the hosts in /etc/mail/dracd.host (either empty: do nothing),\n"
    "else unix:/run/drac/report.sock or control.sock, else RPC to localhost.\n"
    "Exit status: 0 done, 1 refused, 64 usage, 69 dracd not reachable, 75 try again.\n";

/* "--name VALUE" or "--name=VALUE"; moves *i on. NULL: argv[*i] is another option, or has no value (*problem is set). */
static const char *value_of(int argc, char **argv, int *i, const char *name, struct drac_text *problem)
{
    const char *argument = argv[*i];
    size_t length = strlen(name);

    if (strncmp(argument, name, length) != 0 || (argument[length] != '\0' && argument[length] != '='))
        return NULL;
    if (argument[length] == '=')
        return argument + length + 1;
    if (*i + 1 < argc)
        return argv[++*i];
    drac_text_add(problem, name);
    drac_text_add(problem, " needs a value");
    return NULL;
}

static void complain(struct drac_text *problem, const char *what, const char *about)
{
    if (problem->used != 0)
        return;
    drac_text_add(problem, what);
    drac_text_add(problem, about);
}

static void set_mode(struct options *options, enum mode mode, struct drac_text *problem)
{
    if (options->mode != MODE_GUESS && options->mode != mode)
        complain(problem, "give one of ADDRESS, --pam, --courier and --cyrus", "");
    options->mode = mode;
}

static int parse_flag(struct options *options, const char *argument, struct drac_text *problem)
{
    if (strcmp(argument, "--pam") == 0)
        set_mode(options, MODE_PAM, problem);
    else if (strcmp(argument, "--courier") == 0)
        set_mode(options, MODE_COURIER, problem);
    else if (strcmp(argument, "--cyrus") == 0)
        set_mode(options, MODE_CYRUS, problem);
    else if (strcmp(argument, "--exit-status") == 0)
        options->exit_status = 1;
    else if (strcmp(argument, "--background") == 0)
        options->background = 1;
    else if (strcmp(argument, "--verbose") == 0)
        options->verbose = 1;
    else if (strcmp(argument, "--help") == 0)
        options->show = 'h';
    else if (strcmp(argument, "--version") == 0)
        options->show = 'V';
    else
        return 0;
    return 1;
}

static void set_control(struct options *options, const char *value, struct drac_text *problem)
{
    if (strncmp(value, "unix:", 5) != 0 || value[5] == '\0')
        complain(problem, "--control takes unix:PATH, not ", value);
    else
        options->control = value + 5;
}

static void set_seconds(long *seconds, const char *value, struct drac_text *problem)
{
    char *end;

    *seconds = strtol(value, &end, 10);
    if (end == value || *end != '\0' || *seconds < 1 || *seconds > 86400)
        complain(problem, "--while-parent-lives takes 1 to 86400 seconds, not ", value);
}

static int parse_value(int argc, char **argv, int *i, struct options *options, struct drac_text *problem)
{
    const char *value;

    if ((value = value_of(argc, argv, i, "--host", problem)) != NULL) {
        options->host = value;
    } else if ((value = value_of(argc, argv, i, "--control", problem)) != NULL) {
        set_control(options, value, problem);
    } else if ((value = value_of(argc, argv, i, "--user", problem)) != NULL) {
        options->user = value;
    } else if ((value = value_of(argc, argv, i, "--source", problem)) != NULL) {
        options->source = value;
    } else if ((value = value_of(argc, argv, i, "--timeout", problem)) != NULL) {
        options->timeout_ms = drac_parse_timeout(value);
        if (options->timeout_ms < 0)
            complain(problem, "--timeout takes seconds, not ", value);
    } else if ((value = value_of(argc, argv, i, "--while-parent-lives", problem)) != NULL) {
        set_seconds(&options->while_parent_lives, value, problem);
    } else {
        return 0;
    }
    return 1;
}

/* Cyrus' notifyd appends `-c EVENT -p "" -u "" -m "" -f ""` and has no way to give options of ours. */
static int parse_notifyd(int argc, char **argv, int *i, struct options *options, struct drac_text *problem)
{
    const char *argument = argv[*i];

    if (argument[0] != '-' || argument[1] == '\0' || argument[2] != '\0' || strchr("cpumf", argument[1]) == NULL)
        return 0;
    if (*i + 1 < argc)
        ++*i;
    set_mode(options, MODE_CYRUS, problem);
    return 1;
}

static void guess_mode(struct options *options, struct drac_text *problem)
{
    if (options->mode != MODE_GUESS || options->show != 0)
        return;
    if (getenv("PAM_TYPE") != NULL)
        options->mode = MODE_PAM;
    else if (getenv("TCPREMOTEIP") != NULL)
        options->mode = MODE_COURIER;
    else
        complain(problem, "no ADDRESS, no PAM_TYPE and no TCPREMOTEIP; see drac-report --help", "");
}

int options_parse(int argc, char **argv, struct options *options, struct drac_text *problem)
{
    int i;

    memset(options, 0, sizeof *options);
    options->timeout_ms = drac_timeout_from_environment();
    for (i = 1; i < argc; i++) {
        if (parse_flag(options, argv[i], problem) || parse_value(argc, argv, &i, options, problem) ||
            parse_notifyd(argc, argv, &i, options, problem))
            continue;
        if (argv[i][0] == '-' || options->address != NULL) {
            complain(problem, "what is ", argv[i]);
        } else {
            options->address = argv[i];
            set_mode(options, MODE_ARGUMENT, problem);
        }
    }
    guess_mode(options, problem);
    return problem->used == 0;
}
