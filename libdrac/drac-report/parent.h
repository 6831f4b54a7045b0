/* Running on behind a session, for as long as the process that started us lives. */
#ifndef DRAC_PARENT_H
#define DRAC_PARENT_H

/* What is known of the process that started us: its number, and a descriptor of it (pidfd_open(2)) where there is one. */
struct parent {
    long pid;
    int fd;
};

/* To be called first. */
struct parent parent_get(void);

/* 0 when it has ended already: then process 1 has inherited us, or nobody that can be seen from here. */
int parent_is_known(const struct parent *parent);

/*
 * Forks; the caller's copy answers 1 in the process that started it, 0 in the one that stays behind, which has let go
 * of every descriptor (one of them is the mail client's connection), the directory and the terminal; -1: no fork.
 */
int parent_stay_behind(struct parent *parent);

/* In the process that started it: waits for the one that stays behind to end, for at most so long. */
void parent_wait_for_child(long ms);

/* Waits; 1 after `seconds`, 0 as soon as the parent has ended. */
int parent_lives_on(const struct parent *parent, long seconds);
#endif
