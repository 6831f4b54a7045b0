/* Where each server was last found: its address and port, remembered for the life of the process. */
#ifndef DRAC_REMEMBERED_H
#define DRAC_REMEMBERED_H
#include "hosts.h"
#include "resolve.h"

/* 1 and *address (with port) when this host has been found before for this program version. */
int drac_recall(const struct drac_host *host, uint32_t vers, struct drac_address *address);
void drac_remember(const struct drac_host *host, uint32_t vers, const struct drac_address *address);
void drac_forget(const struct drac_host *host, uint32_t vers);
#endif
