/* SPDX-License-Identifier: Apache-2.0 */
#include "raw_words.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char replacement[] = "\xef\xbf\xbd";

bool raw_words_is_lossy(const char *word)
{
    return strstr(word, replacement) != NULL;
}

/* How long the sequence is that `lead` begins, and what its second byte may be (Unicode, Table 3-7); 0 if it begins
 * none. */
static unsigned sequence_of(uint8_t lead, uint8_t *lowest, uint8_t *highest)
{
    *lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    *highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

/* Bytes of one character, or of the part of one that decoders replace as a whole (Unicode, 3.9, maximal subparts). */
static size_t next(const char *text, bool *is_whole)
{
    uint8_t lowest, highest;
    unsigned length = sequence_of((uint8_t)*text, &lowest, &highest);
    size_t count = 1;
    while (count < length && (uint8_t)text[count] >= lowest && (uint8_t)text[count] <= highest) {
        lowest = 0x80;
        highest = 0xbf;
        count++;
    }
    *is_whole = count == length;
    return count;
}

/* Whether `text` is what `raw` becomes when it is read as text. */
static bool is_text_of(const char *text, const char *raw)
{
    while (*raw != 0) {
        bool is_whole;
        size_t length = next(raw, &is_whole), shown = is_whole ? length : sizeof replacement - 1;
        if (strncmp(text, is_whole ? raw : replacement, shown) != 0)
            return false;
        text += shown;
        raw += length;
    }
    return *text == 0;
}

/* What the launcher was started with: words, each with its 0. The memory stays, for it is handed on. */
struct words {
    char *bytes;
    size_t length;
};

static struct words words_of(pid_t launcher, const char *name)
{
    char path[64];
    struct words words = {NULL, 0};
    size_t room = 4096;
    ssize_t got = 1;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)launcher, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    while (file >= 0 && got > 0) {
        char *more = realloc(words.bytes, room *= 2);
        if (more == NULL)
            break;
        words.bytes = more;
        while (words.length < room - 1 && (got = read(file, words.bytes + words.length, room - 1 - words.length)) > 0)
            words.length += (size_t)got;
        words.bytes[words.length] = 0;
    }
    if (file >= 0)
        close(file);
    return words;
}

/* The word that ends before `end`. */
static size_t start_of_word(const struct words *words, size_t end)
{
    size_t start = end - 1;
    while (start > 0 && words->bytes[start - 1] != 0)
        start--;
    return start;
}

void raw_words_restore_arguments(pid_t launcher, char **words)
{
    struct words raw = words_of(launcher, "cmdline");
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    for (size_t end = raw.length; count > 0 && end > 0;) {
        size_t start = start_of_word(&raw, end);
        if (!is_text_of(words[--count], raw.bytes + start))
            return;
        words[count] = raw.bytes + start;
        end = start;
    }
}

static bool has_lossy_name(const char *entry)
{
    while (*entry != 0 && *entry != '=') {
        bool is_whole;
        entry += next(entry, &is_whole);
        if (!is_whole)
            return true;
    }
    return false;
}

static char *find(const struct words *raw, const char *text)
{
    for (size_t start = 0; start < raw->length; start += strlen(raw->bytes + start) + 1)
        if (is_text_of(text, raw->bytes + start))
            return raw->bytes + start;
    return NULL;
}

char **raw_words_restore_environment(pid_t launcher, char **entries)
{
    struct words raw = words_of(launcher, "environ");
    size_t count = 0, most = 1;
    for (; entries[count] != NULL; count++)
        most++;
    for (size_t at = 0; at < raw.length; at++)
        most += raw.bytes[at] == 0;
    char **all = calloc(most, sizeof *all);
    for (size_t i = 0; all != NULL && i < count; i++) {
        char *found = raw_words_is_lossy(entries[i]) ? find(&raw, entries[i]) : NULL;
        all[i] = found != NULL ? found : entries[i];
    }
    for (size_t start = 0; all != NULL && start < raw.length; start += strlen(raw.bytes + start) + 1)
        if (has_lossy_name(raw.bytes + start))
            all[count++] = raw.bytes + start;
    return all;
}
