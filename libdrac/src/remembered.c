/*
 * The only state that threads share. Its lock is never waited for long, and carries its holder's process id: when a
 * process forks while another of its threads holds it, the child sees a stranger's lock and takes it over. Who cannot
 * have it does without: a miss costs a question to the portmapper, no more.
 */
#include "remembered.h"
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define TRIES 100

static int lock_holder; /* 0: free */
static unsigned next_victim;
static struct entry {
    int used; /* 0 while being written, so that a fork cannot leave half an entry behind */
    uint32_t vers;
    char text[DRAC_MAX_HOST_NAME]; /* as in the list: host:port and host are two servers */
    struct drac_address address;
} entries[DRAC_MAX_HOSTS];

static int take_lock(void)
{
    int me = (int)getpid(), tries;

    for (tries = 0; tries < TRIES; tries++) {
        int holder = 0;

        if (__atomic_compare_exchange_n(&lock_holder, &holder, me, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return 1;
        if (holder != me &&
            __atomic_compare_exchange_n(&lock_holder, &holder, me, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return 1;
        sched_yield();
    }
    return 0;
}

static void release_lock(void)
{
    __atomic_store_n(&lock_holder, 0, __ATOMIC_RELEASE);
}

static struct entry *find(const struct drac_host *host, uint32_t vers)
{
    unsigned i;

    for (i = 0; i < DRAC_MAX_HOSTS; i++)
        if (entries[i].used && entries[i].vers == vers && strcmp(entries[i].text, host->text) == 0)
            return &entries[i];
    return NULL;
}

int drac_recall(const struct drac_host *host, uint32_t vers, struct drac_address *address)
{
    struct entry *entry;

    if (!take_lock())
        return 0;
    entry = find(host, vers);
    if (entry != NULL)
        *address = entry->address;
    release_lock();
    return entry != NULL;
}

void drac_remember(const struct drac_host *host, uint32_t vers, const struct drac_address *address)
{
    struct entry *entry;

    if (!take_lock())
        return;
    entry = find(host, vers);
    if (entry == NULL)
        entry = &entries[next_victim++ % DRAC_MAX_HOSTS];
    __atomic_store_n(&entry->used, 0, __ATOMIC_RELEASE);
    entry->vers = vers;
    memcpy(entry->text, host->text, sizeof entry->text);
    entry->address = *address;
    __atomic_store_n(&entry->used, 1, __ATOMIC_RELEASE);
    release_lock();
}

void drac_forget(const struct drac_host *host, uint32_t vers)
{
    struct entry *entry;

    if (!take_lock())
        return;
    entry = find(host, vers);
    if (entry != NULL)
        entry->used = 0;
    release_lock();
}
