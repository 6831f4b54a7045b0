/* JSON, RFC 8259: as much of it as finding a string in an object, and writing one, needs. Pure functions. */
#ifndef DRAC_JSON_H
#define DRAC_JSON_H
#include "../src/text.h"

/*
 * Reads a whole text that is one object and copies the string member `key` to out, zero-ended. 1 when it is there;
 * 0, and out empty, when it is missing, given twice, no string, holds a zero or does not fit, or when the text is not
 * one JSON object. Arrays and objects inside are skipped, to a depth of 16.
 */
int json_get_string(const unsigned char *json, size_t length, const char *key, char *out, size_t out_size);

/* Writes a string with its quotes; octets that are not well-formed UTF-8 become U+FFFD. */
void json_add_string(struct drac_text *text, const char *string);
#endif
