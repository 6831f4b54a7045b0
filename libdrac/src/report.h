/* Telling one host about one client, step by step; and telling all of them at once. */
#ifndef DRAC_REPORT_H
#define DRAC_REPORT_H
#include "add.h"
#include "exchange.h"
#include "hosts.h"
#include "text.h"

/* The functions' results besides an addstat. */
#define DRAC_NO_SERVER (-1)
#define DRAC_CALL_FAILED (-2)

#define DRAC_MAX_MESSAGE 512

/*
 * Tells every host of the list about the client, all at the same time and within timeout_ms. With client NULL the hosts
 * are only found, for program version vers. Answers 0 when one accepted (or was found), else the result of the host
 * that got furthest; message says why, naming the host when there are several.
 */
int drac_report(const char *list, uint32_t vers, const struct drac_client *client, long timeout_ms,
                struct drac_text *message);
#endif
