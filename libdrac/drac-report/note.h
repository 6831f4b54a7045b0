/* Saying what happened without ever waiting for whoever listens. */
#ifndef DRAC_NOTE_H
#define DRAC_NOTE_H

/*
 * In a mail server's process tree standard error may be the mail client's connection, so notes go to syslog (mail,
 * warning) there, and to standard error for people.
 */
void note_to_syslog(int enabled);
void note(const char *what, const char *detail);
#endif
