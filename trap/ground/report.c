/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ledger.h"
#include "raw_syscall.h"
#include "signal_safe.h"

#define EXIT_TRAPLINE_FAILED 125
#define STDERR 2

struct line {
    char text[1024];
    size_t length;
};

/* Paths, names and reasons come from others, and what controls a terminal is no part of a sentence. */
static void put(struct line *line, char c)
{
    bool is_control = (unsigned char)c < ' ' || c == 0x7f;
    if (line->length < sizeof line->text - 1)
        line->text[line->length++] = is_control ? ' ' : c;
}

static void put_string(struct line *line, const char *string)
{
    while (*string != 0)
        put(line, *string++);
}

static void put_number(struct line *line, uint64_t value, unsigned base)
{
    char digits[24];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0)
        put(line, digits[--count]);
}

static void put_format(struct line *line, const char *format, va_list arguments)
{
    for (; *format != 0; format++) {
        if (*format != '%') {
            put(line, *format);
            continue;
        }
        switch (*++format) {
        case 's':
            put_string(line, va_arg(arguments, const char *));
            break;
        case 'u':
            put_number(line, va_arg(arguments, uint64_t), 10);
            break;
        case 'x':
            put_string(line, "0x");
            put_number(line, va_arg(arguments, uint64_t), 16);
            break;
        default:
            put(line, *format);
        }
    }
}

#define PREFIX "trapline: "

static void write_line(struct line *line, const char *format, va_list arguments)
{
    put_string(line, PREFIX);
    put_format(line, format, arguments);
    line->text[line->length] = '\n';
    raw_syscall(SYS_write, STDERR, line->text, line->length + 1);
    line->text[line->length] = 0;
}

void report(const char *format, ...)
{
    struct line line = {.length = 0};
    va_list arguments;
    va_start(arguments, format);
    write_line(&line, format, arguments);
    va_end(arguments);
}

void report_undone(const char *format, ...)
{
    struct line line = {.length = 0};
    va_list arguments;
    va_start(arguments, format);
    write_line(&line, format, arguments);
    va_end(arguments);
    ledger_note_undone(line.text + sizeof PREFIX - 1);
}

void report_fatal(const char *format, ...)
{
    struct line line = {.length = 0};
    va_list arguments;
    va_start(arguments, format);
    write_line(&line, format, arguments);
    va_end(arguments);
    report_end(line.text + sizeof PREFIX - 1);
}

void report_text(char *text, unsigned size, const char *format, ...)
{
    struct line line = {.length = 0};
    va_list arguments;
    va_start(arguments, format);
    put_format(&line, format, arguments);
    va_end(arguments);
    size_t length = line.length < size ? line.length : size - 1;
    memcpy(text, line.text, length);
    text[length] = 0;
}

/* A host that has confined itself may not even be allowed to end in the usual way; a signal by an instruction ends it
 * all the same. */
void report_end(const char *why)
{
    static const struct {
        void *handler;
        uint64_t rest[3];
    } by_default;
    ledger_note_end(why);
    raw_syscall(SYS_exit_group, EXIT_TRAPLINE_FAILED);
    long self = raw_syscall(SYS_getpid);
    raw_syscall(SYS_kill, self, SIGKILL);
    raw_syscall(SYS_rt_sigaction, SIGILL, &by_default, NULL, sizeof(uint64_t));
    for (;;)
        __asm__ volatile("ud2");
}
