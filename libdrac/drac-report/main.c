/*
 * drac-report: tells dracd about a login from where Node.js must not start: Courier's limits, PAM, Cyrus' notifyd.
 * A login never fails and never waits because of it; see drac-report(8).
 */
#include "../src/platform.h"
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "note.h"
#include "parent.h"
#include "servers.h"

#ifndef DRAC_VERSION
#define DRAC_VERSION "unknown"
#endif

/* sysexits.h */
enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 64, EXIT_UNREACHABLE = 69, EXIT_TRY_AGAIN = 75 };

#define RETRY_AFTER 30 /* seconds */
#define CYRUS_WAITS 50 /* milliseconds */

static int exit_when_late = EXIT_TRY_AGAIN;

static void give_up(int signal_number)
{
    (void)signal_number;
    _exit(exit_when_late);
}

/* Everything below keeps to the timeout by itself; this is for what nobody foresaw, such as a file system that hangs. */
static void set_alarm(long ms)
{
    struct itimerval timer;

    memset(&timer, 0, sizeof timer);
    timer.it_value.tv_sec = ms / 1000;
    timer.it_value.tv_usec = ms % 1000 * 1000;
    signal(SIGALRM, give_up);
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* Modes in which a mail server waits for us, and may take our exit status for the login's. */
static int serves_a_login(const struct options *options)
{
    return options->mode == MODE_PAM || options->mode == MODE_COURIER || options->mode == MODE_CYRUS;
}

static int exit_code(const struct options *options, int code)
{
    return serves_a_login(options) && !options->exit_status ? EXIT_DONE : code;
}

static enum login_result find_login(const struct options *options, struct login *login)
{
    memset(login, 0, sizeof *login);
    switch (options->mode) {
    case MODE_PAM:
        return login_from_pam(login);
    case MODE_COURIER:
        return login_from_courier(login);
    case MODE_CYRUS:
        return login_from_cyrus(login, 0, options->timeout_ms);
    default:
        login_set_source(login, "", "drac-report");
        return login_set_address(login, options->address, strlen(options->address)) ? LOGIN_FOUND : LOGIN_BAD;
    }
}

static enum outcome tell(const struct options *options, const struct servers *servers, const struct login *login,
                         struct session *session, int quiet)
{
    char bytes[512];
    struct drac_text message = drac_text_start(bytes, sizeof bytes);
    enum outcome outcome = servers_tell(servers, login, session, options->timeout_ms, &message);

    if ((outcome != TOLD && !quiet) || options->verbose)
        note(login->address, bytes);
    return outcome;
}

/* A server that is being restarted is asked again sooner than a session would be renewed. */
static long seconds_until_next(const struct options *options, enum outcome outcome)
{
    int soon = outcome == TRY_AGAIN || outcome == UNREACHABLE;

    return soon && options->while_parent_lives > RETRY_AFTER ? RETRY_AFTER : options->while_parent_lives;
}

/* In the background: the login, again every so often, and the end. Each kind of failure is noted once in a row. */
static void report_while_parent_lives(const struct options *options, const struct servers *servers,
                                      const struct login *login, const struct parent *parent)
{
    struct session session = session_open(parent->pid, options->while_parent_lives);
    char bytes[512];
    struct drac_text message = drac_text_start(bytes, sizeof bytes);
    enum outcome before, now = TOLD;

    do {
        before = now;
        now = tell(options, servers, login, &session, before != TOLD);
    } while (parent_lives_on(parent, seconds_until_next(options, now)));
    if (servers_tell_end(servers, login, &session, options->timeout_ms, &message) != TOLD && now == TOLD)
        note(login->address, bytes);
}

static const int codes[] = {EXIT_DONE, EXIT_REFUSED, EXIT_TRY_AGAIN, EXIT_UNREACHABLE}; /* by enum outcome */

/* The end of a session that another process of ours has told the login of. */
static int report_end(const struct options *options, const struct login *login)
{
    char bytes[512];
    struct drac_text message = drac_text_start(bytes, sizeof bytes);
    struct servers servers = servers_find(options);
    struct session session = session_named(login->session);
    enum outcome outcome;

    if (servers.off)
        return EXIT_DONE;
    session.kept = 1;
    outcome = servers_tell_end(&servers, login, &session, options->timeout_ms, &message);
    if (outcome == UNREACHABLE && servers.hosts != NULL)
        outcome = TOLD; /* its login went over RPC, which knows no ends */
    if (outcome != TOLD || options->verbose)
        note(login->session, bytes);
    return codes[outcome];
}

static int report(const struct options *options, const struct login *login)
{
    struct servers servers = servers_find(options);
    struct session alone = session_named(login->session);
    struct parent parent;
    int follows;

    if (servers.off)
        return EXIT_DONE;
    parent = parent_get();
    follows = options->while_parent_lives != 0 && parent_is_known(&parent);
    if (!follows && !options->background)
        return codes[tell(options, &servers, login, &alone, 0)];
    switch (parent_stay_behind(&parent)) {
    case 1:
        return EXIT_DONE;
    case 0:
        set_alarm(follows ? 0 : options->timeout_ms + 500);
        note_to_syslog(1);
        if (follows)
            report_while_parent_lives(options, &servers, login, &parent);
        else
            tell(options, &servers, login, &alone, 0);
        _exit(EXIT_DONE);
    default:
        return codes[tell(options, &servers, login, &alone, 0)];
    }
}

/*
 * notifyd executes us for one event after the other, and Cyrus' logins wait when some ten are waiting for it: an answer
 * that does not come at once is waited for in the background. That short wait keeps a logout behind its login. 1 in the
 * process that notifyd waits for.
 */
static int leave_notifyd(const struct options *options)
{
    struct parent parent = parent_get();

    if (options->mode != MODE_CYRUS || options->exit_status || options->verbose)
        return 0;
    if (parent_stay_behind(&parent) == 1) {
        parent_wait_for_child(CYRUS_WAITS);
        return 1;
    }
    set_alarm(options->timeout_ms + 500);
    return 0;
}

static int print(const char *text)
{
    return write(1, text, strlen(text)) < 0 ? EXIT_TRY_AGAIN : EXIT_DONE;
}

int main(int argc, char **argv)
{
    char problem_bytes[256];
    struct drac_text problem = drac_text_start(problem_bytes, sizeof problem_bytes);
    struct options options;
    struct login login;
    int ended = 0, understood = options_parse(argc, argv, &options, &problem);

    note_to_syslog(serves_a_login(&options) && !options.verbose);
    if (!understood) {
        note(problem_bytes, "");
        return exit_code(&options, EXIT_USAGE);
    }
    if (options.show != 0)
        return print(options.show == 'h' ? options_help : "drac-report " DRAC_VERSION "\n");
    exit_when_late = exit_code(&options, EXIT_TRY_AGAIN);
    set_alarm(options.timeout_ms + 500);
    switch (find_login(&options, &login)) {
    case LOGIN_BAD:
        note(options.mode == MODE_CYRUS ? "not a Login event with a clientIP" : "not an IP address",
             options.address == NULL ? "" : options.address);
        return exit_code(&options, EXIT_USAGE);
    case LOGIN_NONE:
        return EXIT_DONE;
    case LOGIN_ENDED:
        ended = 1;
        break;
    case LOGIN_FOUND:
        break;
    }
    if (leave_notifyd(&options))
        return EXIT_DONE;
    if (options.user != NULL)
        login_set_user(&login, options.user);
    if (options.source != NULL)
        login_set_source(&login, "", options.source);
    return exit_code(&options, ended ? report_end(&options, &login) : report(&options, &login));
}
