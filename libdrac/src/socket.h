/* Descriptors that never block and are not inherited by what the mail server executes. */
#ifndef DRAC_SOCKET_H
#define DRAC_SOCKET_H
#include "platform.h"

/* A socket, non-blocking and closed on exec; -1 and errno when there is none. */
int drac_socket(int family, int type);
void drac_set_descriptor_flags(int fd);
#endif
