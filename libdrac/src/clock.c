#include "clock.h"
#include <stdlib.h>
#include <time.h>

int64_t drac_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

long drac_parse_timeout(const char *seconds)
{
    long ms = 0, unit = 100;
    const char *at = seconds;

    if (!is_digit(*at))
        return -1;
    for (; is_digit(*at); at++)
        if (ms < DRAC_MAX_TIMEOUT_MS)
            ms = ms * 10 + (*at - '0') * 1000L;
    if (*at == '.')
        for (at++; is_digit(*at); at++, unit /= 10)
            ms += (*at - '0') * unit;
    if (*at != '\0')
        return -1;
    if (ms < DRAC_MIN_TIMEOUT_MS)
        return DRAC_MIN_TIMEOUT_MS;
    return ms > DRAC_MAX_TIMEOUT_MS ? DRAC_MAX_TIMEOUT_MS : ms;
}

long drac_timeout_from_environment(void)
{
    const char *seconds = getenv("DRAC_TIMEOUT");
    long ms = seconds == NULL ? -1 : drac_parse_timeout(seconds);

    return ms < 0 ? DRAC_DEFAULT_TIMEOUT_MS : ms;
}
