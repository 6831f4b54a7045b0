/* Text in a fixed buffer, always ended by a zero, cut when full; without stdio. */
#ifndef DRAC_TEXT_H
#define DRAC_TEXT_H
#include "platform.h"

struct drac_text {
    char *bytes;
    size_t size, used;
};

struct drac_text drac_text_start(char *bytes, size_t size);
void drac_text_add(struct drac_text *text, const char *more);
void drac_text_add_char(struct drac_text *text, char c);
void drac_text_add_number(struct drac_text *text, unsigned long number);
#endif
