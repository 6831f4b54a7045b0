/* Included first by every file: POSIX 2008 threads and sockets, and SOCK_CLOEXEC and getentropy, with -std=c99 too. */
#ifndef DRAC_PLATFORM_H
#define DRAC_PLATFORM_H
#undef _GNU_SOURCE /* with it, glibc's strerror_r is not POSIX's */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include <stddef.h>
#include <stdint.h>
#endif
