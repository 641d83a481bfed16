/* SPDX-License-Identifier: Apache-2.0 */
#include "python.h"

#include <string.h>

#include "ground/ledger.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "reads.h"
#include "ground/signal_safe.h"

/* Where what lies, in bytes from the start of its object. */
struct layout {
    uint16_t minor; /* 3.MINOR */
    uint16_t interpreter, threads, next_interpreter;
    uint16_t next_thread, thread_number;
    uint16_t control_frame, frame; /* a thread's frame is in its _PyCFrame; or else that is 0 */
    uint16_t code, instruction, previous, owner;
    uint16_t file, function, lines, first_line, instructions;
    uint16_t ascii_text, other_text; /* of a string: its characters */
};

static const struct layout layouts[] = {
    {11, 40, 16, 0, 8, 160, 56, 8, 32, 56, 48, 69, 112, 128, 136, 72, 184, 48, 72},
    {12, 40, 72, 0, 8, 144, 56, 0, 0, 56, 8, 70, 112, 128, 136, 68, 192, 40, 56},
    /* The interpreters' are in a table of the runtime. */
    {13, 0, 0, 0, 8, 160, 0, 72, 0, 56, 8, 70, 112, 128, 136, 68, 200, 40, 56},
};

/* Of objects of every version. */
enum { BYTES_SIZE = 16, BYTES_VALUE = 32, STRING_LENGTH = 16, STRING_STATE = 32 };

/* Loops of what a host has written over end, too. */
enum { MOST_INTERPRETERS = 16, MOST_THREADS = 4096, MOST_SKIPPED = 64, MOST_LINE_BYTES = 1 << 20 };

/* A frame that stands for the interpreter itself. */
enum { OWNED_BY_C = 3 };

/* The runtime of this process, once one was found. */
static uint64_t runtime;
static struct layout layout;

static bool load(uint64_t address, void *value, size_t bytes)
{
    return address != 0 && reads_load(address, value, bytes);
}

static uint64_t load_word(uint64_t address)
{
    uint64_t word = 0;
    load(address, &word, sizeof word);
    return word;
}

/* From 3.13 on the runtime begins with a table for debuggers (struct _Py_DebugOffsets): its first members are a mark,
 * the version, whether there is no global lock, then the offsets in the runtime and in an interpreter. */
static bool read_table(void)
{
    enum { MARK, VERSION, IS_FREE_THREADED, INTERPRETER = 5, NEXT_INTERPRETER = 8, THREADS, WORDS };
    uint64_t table[WORDS];
    if (!load(runtime, table, sizeof table) || memcmp(&table[MARK], "xdebugpy", 8) != 0 || table[IS_FREE_THREADED] != 0)
        return false;
    layout.interpreter = (uint16_t)table[INTERPRETER];
    layout.next_interpreter = (uint16_t)table[NEXT_INTERPRETER];
    layout.threads = (uint16_t)table[THREADS];
    return true;
}

static bool find_layout(uint32_t version)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        layout = layouts[i];
        if (version >> 24 == 3 && (version >> 16 & 0xff) == layout.minor)
            return layout.interpreter != 0 || read_table();
    }
    return false;
}

bool python_is(const struct module *module)
{
    uint64_t found = module_symbol(module, "_PyRuntime"), number = module_symbol(module, "Py_Version");
    uint32_t version = 0;
    if (found == 0)
        return false;
    runtime = found;
    if (number != 0 && load(number, &version, sizeof version) && find_layout(version))
        return true;
    runtime = 0;
    if (ledger_is_first_to_say(LEDGER_UNKNOWN_PYTHON))
        report("accesses of Python are blamed on no line of it: %s is not CPython 3.11, 3.12 or 3.13", module->path);
    return false;
}

/* That of the thread that runs, by the number that the kernel gave it. */
static uint64_t find_thread(void)
{
    uint64_t number = (uint64_t)raw_syscall(SYS_gettid), interpreter = load_word(runtime + layout.interpreter);
    for (unsigned i = 0; i < MOST_INTERPRETERS && interpreter != 0; i++) {
        uint64_t thread = load_word(interpreter + layout.threads);
        for (unsigned k = 0; k < MOST_THREADS && thread != 0; k++) {
            if (load_word(thread + layout.thread_number) == number)
                return thread;
            thread = load_word(thread + layout.next_thread);
        }
        interpreter = load_word(interpreter + layout.next_interpreter);
    }
    return 0;
}

static uint64_t find_frame(uint64_t thread)
{
    uint64_t holder = layout.control_frame == 0 ? thread : load_word(thread + layout.control_frame);
    return holder == 0 ? 0 : load_word(holder + layout.frame);
}

static uint64_t check_of(uint64_t code)
{
    uint32_t line = 0;
    load(code + layout.first_line, &line, sizeof line);
    return load_word(code + layout.function) * 31 + load_word(code + layout.file) + line;
}

unsigned python_walk(struct python_place *places, unsigned most)
{
    uint64_t thread = runtime == 0 ? 0 : find_thread();
    uint64_t frame = thread == 0 ? 0 : find_frame(thread);
    unsigned count = 0;
    for (unsigned skipped = 0; frame != 0 && count < most && skipped < MOST_SKIPPED;) {
        uint8_t owner = 0;
        uint64_t code = load_word(frame + layout.code), at = load_word(frame + layout.instruction);
        load(frame + layout.owner, &owner, sizeof owner);
        frame = load_word(frame + layout.previous);
        if (code != 0 && owner != OWNED_BY_C && at >= code)
            places[count++] = (struct python_place){.at = at, .code = code, .check = check_of(code)};
        else
            skipped++;
    }
    return count;
}

static size_t put_utf8(char *bytes, uint32_t character)
{
    size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 1; character >>= 6)
        bytes[i] = (char)(0x80 | (character & 0x3f));
    bytes[0] = (char)(heads[length] | character);
    return length;
}

/* A str of Python as UTF-8; of a long one its end, which says most of a path, if `keeps_end`. */
static void take_text(uint64_t string, char *text, size_t size, bool keeps_end)
{
    enum { KIND_SHIFT = 2, KIND_MASK = 7, COMPACT = 1 << 5, ASCII = 1 << 6, LONGEST_CHARACTER = 4 };
    uint32_t state = 0;
    uint64_t length = load_word(string + STRING_LENGTH);
    bool is_string = string != 0 && load(string + STRING_STATE, &state, sizeof state) && (state & COMPACT) != 0;
    unsigned width = state >> KIND_SHIFT & KIND_MASK;
    uint64_t at = string + ((state & ASCII) != 0 ? layout.ascii_text : layout.other_text);
    size_t used = 0, room = size - 1;
    text[0] = 0;
    if (!is_string || (width != 1 && width != 2 && width != 4))
        return;
    uint64_t first = keeps_end && length > room ? length - room : 0;
    for (uint64_t i = first; i < length && used + LONGEST_CHARACTER <= room; i++) {
        uint32_t character = 0;
        if (!load(at + i * width, &character, width))
            break;
        used += put_utf8(text + used, character);
    }
    text[used] = 0;
}

/* The bytes of a table of lines (Objects/locations.md of CPython). */
struct lines {
    uint64_t at, end;
};

static uint8_t take_byte(struct lines *lines)
{
    uint8_t byte = 0;
    if (lines->at >= lines->end || !load(lines->at, &byte, 1))
        lines->at = lines->end;
    else
        lines->at++;
    return byte;
}

/* Six bits a byte, the lowest first. */
static uint32_t take_number(struct lines *lines)
{
    uint32_t number = 0, byte = 0x40;
    for (unsigned shift = 0; (byte & 0x40) != 0 && shift < 32; shift += 6) {
        byte = take_byte(lines);
        number |= (byte & 0x3f) << shift;
    }
    return number;
}

static int32_t take_signed(struct lines *lines)
{
    uint32_t number = take_number(lines);
    return number & 1 ? -(int32_t)(number >> 1) : (int32_t)(number >> 1);
}

/* How many lines an entry goes on by; the bytes of columns are passed over. */
static int32_t take_entry(struct lines *lines, unsigned kind)
{
    enum { ONE_LINE = 10, NO_COLUMNS = 13, LONG = 14, NO_PLACE = 15 };
    int32_t step = 0;
    if (kind < ONE_LINE) {
        take_byte(lines);
    } else if (kind < NO_COLUMNS) {
        step = (int32_t)(kind - ONE_LINE);
        take_byte(lines);
        take_byte(lines);
    } else if (kind != NO_PLACE) {
        step = take_signed(lines);
        for (unsigned i = 0; i < 3 && kind == LONG; i++)
            take_number(lines);
    }
    return step;
}

static uint32_t find_line(uint64_t code, uint64_t at)
{
    enum { UNIT = 2 };
    uint64_t table = load_word(code + layout.lines), size = load_word(table + BYTES_SIZE);
    uint64_t here = code + layout.instructions;
    int32_t line = 0;
    if (table == 0 || size > MOST_LINE_BYTES || !load(code + layout.first_line, &line, sizeof line))
        return 0;
    struct lines lines = {.at = table + BYTES_VALUE, .end = table + BYTES_VALUE + size};
    while (lines.at < lines.end) {
        uint8_t head = take_byte(&lines);
        line += take_entry(&lines, head >> 3 & 0xf);
        here += (uint64_t)UNIT * ((head & 7) + 1);
        if (at < here)
            return line > 0 ? (uint32_t)line : 0;
    }
    return 0;
}

uint32_t python_describe(const struct python_place *place, char *function, size_t function_bytes, char *file,
                         size_t file_bytes)
{
    function[0] = file[0] = 0;
    if (check_of(place->code) != place->check)
        return 0;
    take_text(load_word(place->code + layout.function), function, function_bytes, false);
    take_text(load_word(place->code + layout.file), file, file_bytes, true);
    return find_line(place->code, place->at);
}
