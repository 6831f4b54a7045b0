/* Time that does not jump, and how much of it one call may take. */
#ifndef DRAC_CLOCK_H
#define DRAC_CLOCK_H
#include "platform.h"

#define DRAC_DEFAULT_TIMEOUT_MS 2000
#define DRAC_MIN_TIMEOUT_MS 50
#define DRAC_MAX_TIMEOUT_MS 60000

/* Milliseconds since some moment in the past. */
int64_t drac_clock_ms(void);

/* "2" or "0.5", seconds, as milliseconds within the limits above; -1 when it is not such a number. */
long drac_parse_timeout(const char *seconds);

/* DRAC_TIMEOUT of the environment; the default when it is not set or not a number. */
long drac_timeout_from_environment(void);
#endif
