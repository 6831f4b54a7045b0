#include "text.h"

struct drac_text drac_text_start(char *bytes, size_t size)
{
    struct drac_text text = {bytes, size, 0};

    bytes[0] = '\0';
    return text;
}

void drac_text_add_char(struct drac_text *text, char c)
{
    if (text->used + 1 >= text->size)
        return;
    text->bytes[text->used++] = c;
    text->bytes[text->used] = '\0';
}

void drac_text_add(struct drac_text *text, const char *more)
{
    while (*more != '\0')
        drac_text_add_char(text, *more++);
}

void drac_text_add_number(struct drac_text *text, unsigned long number)
{
    if (number >= 10)
        drac_text_add_number(text, number / 10);
    drac_text_add_char(text, (char)('0' + number % 10));
}
