/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_rule.h"

#include <string.h>

#include "reads.h"
#include "ground/signal_safe.h"

/* How addresses are written (LSB Core, 10.5.1), as far as linkers and compilers do. */
enum encoding { UDATA4 = 0x03, SDATA4 = 0x0b, SDATA8 = 0x0c, FORM = 0x0f, FROM_HERE = 0x10, FROM_INDEX = 0x30 };

enum { DEEPEST_REMEMBERED = 4, LONGEST_RECORD = 65536 };

/* Bytes that may not be there, or not be what they should. */
struct reader {
    uint64_t at, end;
    bool is_wrong;
};

static uint64_t take(struct reader *reader, unsigned count)
{
    uint64_t value = 0;
    if (reader->is_wrong || reader->end - reader->at < count || !reads_load(reader->at, &value, count)) {
        reader->is_wrong = true;
        return 0;
    }
    reader->at += count;
    return value;
}

static void skip(struct reader *reader, uint64_t count)
{
    if (reader->end - reader->at < count)
        reader->is_wrong = true;
    else
        reader->at += count;
}

static uint64_t take_leb(struct reader *reader, bool is_signed)
{
    uint64_t value = 0, byte = 0x80;
    unsigned shift = 0;
    for (; (byte & 0x80) != 0 && shift < 64; shift += 7) {
        byte = take(reader, 1);
        value |= (byte & 0x7f) << shift;
    }
    if (is_signed && shift < 64 && (byte & 0x40) != 0)
        value |= ~(uint64_t)0 << shift;
    return value;
}

static uint64_t take_address(struct reader *reader, uint8_t encoding)
{
    uint64_t here = reader->at;
    uint64_t value = 0;
    switch (encoding & FORM) {
    case UDATA4:
        value = take(reader, 4);
        break;
    case SDATA4:
        value = (uint64_t)(int32_t)take(reader, 4);
        break;
    case 0: /* a whole word */
    case 4:
    case SDATA8:
        value = take(reader, 8);
        break;
    default:
        reader->is_wrong = true;
    }
    return (encoding & 0x70) == FROM_HERE ? here + value : value;
}

/* The last record of the index that does not begin behind `pc`; 0 if there is none. */
static uint64_t find_record(const struct module *module, uint64_t pc)
{
    struct reader head = {.at = module->index, .end = module->frames_end};
    uint64_t version = take(&head, 1);
    uint8_t frames_as = (uint8_t)take(&head, 1), count_as = (uint8_t)take(&head, 1), table_as = (uint8_t)take(&head, 1);
    take_address(&head, frames_as);
    uint64_t count = take_address(&head, count_as), low = 0;
    if (head.is_wrong || version != 1 || table_as != (FROM_INDEX | SDATA4) || count > (head.end - head.at) / 8)
        return 0;
    for (uint64_t high = count; low < high;) {
        uint64_t middle = low + (high - low) / 2;
        struct reader entry = {.at = head.at + 8 * middle, .end = head.end};
        if (module->index + (uint64_t)(int32_t)take(&entry, 4) <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    struct reader entry = {.at = head.at + 8 * (low - 1) + 4, .end = head.end};
    return module->index + (uint64_t)(int32_t)take(&entry, 4);
}

/* A record without its length. */
static struct reader open_record(const struct module *module, uint64_t at)
{
    struct reader record = {.at = at, .end = module->frames_end, .is_wrong = at < module->frames};
    uint64_t length = record.is_wrong || at > module->frames_end ? 0 : take(&record, 4);
    record.is_wrong |= length == 0 || length > LONGEST_RECORD || length > record.end - record.at;
    record.end = record.is_wrong ? record.at : record.at + length;
    return record;
}

/* What the functions of one compilation have in common (CIE). */
struct common {
    uint64_t code_unit;
    int64_t data_unit;
    uint8_t addresses_as;
    bool is_signal, has_augmentation;
    struct reader program;
};

static void take_augmentation(struct common *common, struct reader *record, const char *letters)
{
    uint64_t length = take_leb(record, false), begin = record->at;
    skip(record, length);
    common->program = *record;
    common->has_augmentation = true;
    struct reader data = {.at = begin, .end = begin + length, .is_wrong = record->is_wrong};
    for (const char *letter = letters + 1; *letter != 0; letter++) {
        if (*letter == 'R')
            common->addresses_as = (uint8_t)take(&data, 1);
        else if (*letter == 'P')
            take_address(&data, (uint8_t)take(&data, 1) & FORM);
        else if (*letter == 'L')
            take(&data, 1);
        else if (*letter == 'S')
            common->is_signal = true;
        else if (*letter != 'B')
            data.is_wrong = true;
    }
    common->program.is_wrong = data.is_wrong;
}

static bool read_common(const struct module *module, uint64_t at, struct common *common)
{
    char letters[8] = {0};
    struct reader record = open_record(module, at);
    memset(common, 0, sizeof *common);
    uint64_t mark = take(&record, 4), version = take(&record, 1);
    for (unsigned i = 0; i < sizeof letters; i++) {
        letters[i] = (char)take(&record, 1);
        if (letters[i] == 0)
            break;
    }
    common->code_unit = take_leb(&record, false);
    common->data_unit = (int64_t)take_leb(&record, true);
    uint64_t back = version == 1 ? take(&record, 1) : take_leb(&record, false);
    common->program = record;
    if (letters[sizeof letters - 1] != 0 || mark != 0 || (version != 1 && version != 3) || back != FRAME_RETURN)
        return false;
    if (letters[0] == 'z')
        take_augmentation(common, &record, letters);
    else if (letters[0] != 0)
        return false;
    return !common->program.is_wrong;
}

/* The state of the little machine that the program of a record is for. */
struct machine {
    const struct common *common;
    struct frame_rule rule, initial, remembered[DEEPEST_REMEMBERED];
    unsigned depth;
    uint64_t location, pc;
    bool is_unknown; /* the program says what we don't follow */
};

static void save(struct machine *machine, uint64_t number, int64_t offset)
{
    if (number >= FRAME_REGISTERS)
        return;
    machine->rule.saved[number] = (int32_t)offset;
}

static void define(struct machine *machine, uint64_t base, int64_t offset)
{
    machine->is_unknown |= base >= FRAME_RETURN;
    machine->rule.base = (uint8_t)base;
    machine->rule.offset = (int32_t)offset;
    machine->rule.is_indirect = false;
}

/* `DW_OP_bregN offset; DW_OP_deref`: what compilers write where the stack was aligned. */
static void define_by_expression(struct machine *machine, struct reader *program)
{
    enum { BREG0 = 0x70, BREG15 = 0x7f, DEREF = 0x06 };
    uint64_t length = take_leb(program, false);
    struct reader expression = {.at = program->at, .end = program->at, .is_wrong = program->is_wrong};
    skip(program, length);
    expression.end = program->at;
    uint64_t operation = take(&expression, 1);
    int64_t offset = (int64_t)take_leb(&expression, true);
    uint64_t last = take(&expression, 1);
    define(machine, operation - BREG0, offset);
    machine->rule.is_indirect = true;
    machine->is_unknown |= expression.is_wrong || operation < BREG0 || operation > BREG15 || last != DEREF ||
                           expression.at != expression.end;
}

static void remember(struct machine *machine, bool is_back)
{
    if (is_back ? machine->depth == 0 : machine->depth == DEEPEST_REMEMBERED)
        machine->is_unknown = true;
    else if (is_back)
        machine->rule = machine->remembered[--machine->depth];
    else
        machine->remembered[machine->depth++] = machine->rule;
}

/* Where registers lie (DWARF 5, 7.24). False if it is another operation. */
static bool run_saving(struct machine *machine, uint64_t operation, struct reader *program)
{
    enum { OFFSET = 0x05, RESTORE, UNDEFINED, SAME_VALUE, EXPRESSION = 0x10, OFFSET_SF, VAL_EXPRESSION = 0x16 };
    bool is_saving = (operation >= OFFSET && operation <= SAME_VALUE) || operation == EXPRESSION ||
                     operation == OFFSET_SF || operation == VAL_EXPRESSION;
    if (!is_saving)
        return false;
    uint64_t number = take_leb(program, false);
    bool is_of_frame = number == FRAME_RETURN || number == FRAME_RSP;
    if (operation == OFFSET || operation == OFFSET_SF) {
        int64_t factor = (int64_t)take_leb(program, operation == OFFSET_SF);
        save(machine, number, factor * machine->common->data_unit);
    } else if (operation == RESTORE) {
        save(machine, number, number < FRAME_REGISTERS ? machine->initial.saved[number] : 0);
    } else {
        if (operation == EXPRESSION || operation == VAL_EXPRESSION)
            skip(program, take_leb(program, false));
        machine->is_unknown |= operation != SAME_VALUE && is_of_frame;
        save(machine, number, FRAME_KEPT);
    }
    return true;
}

/* Where the frame is. False if it is another operation. */
static bool run_definition(struct machine *machine, uint64_t operation, struct reader *program)
{
    enum { WHOLE = 0x0c, REGISTER, OFFSET, EXPRESSION, WHOLE_SF = 0x12, OFFSET_SF };
    int64_t unit = operation == WHOLE_SF || operation == OFFSET_SF ? machine->common->data_unit : 1;
    bool is_signed = unit != 1;
    uint64_t base = machine->rule.base;
    switch (operation) {
    case WHOLE:
    case WHOLE_SF:
        base = take_leb(program, false);
        define(machine, base, (int64_t)take_leb(program, is_signed) * unit);
        return true;
    case REGISTER:
        define(machine, take_leb(program, false), machine->rule.offset);
        return true;
    case OFFSET:
    case OFFSET_SF:
        define(machine, base, (int64_t)take_leb(program, is_signed) * unit);
        return true;
    case EXPRESSION:
        define_by_expression(machine, program);
        return true;
    default:
        return false;
    }
}

/* Those whose operation is in the low bits. */
static void run_extended(struct machine *machine, uint64_t operation, struct reader *program)
{
    enum { NOP, SET_LOCATION, ADVANCE1, ADVANCE4 = 4, REMEMBER = 0x0a, RESTORE, ARGUMENTS = 0x2e };
    if (run_saving(machine, operation, program) || run_definition(machine, operation, program) || operation == NOP)
        return;
    if (operation == SET_LOCATION)
        machine->location = take_address(program, machine->common->addresses_as);
    else if (operation >= ADVANCE1 && operation <= ADVANCE4)
        machine->location += take(program, 1u << (operation - ADVANCE1)) * machine->common->code_unit;
    else if (operation == REMEMBER || operation == RESTORE)
        remember(machine, operation == RESTORE);
    else if (operation == ARGUMENTS)
        take_leb(program, false);
    else
        machine->is_unknown = true;
}

/* As far as the instruction in question. */
static bool run(struct machine *machine, struct reader program)
{
    while (program.at < program.end && !program.is_wrong && !machine->is_unknown) {
        uint64_t byte = take(&program, 1), low = byte & 0x3f;
        if (byte >> 6 == 1)
            machine->location += low * machine->common->code_unit;
        else if (byte >> 6 == 2)
            save(machine, low, (int64_t)take_leb(&program, false) * machine->common->data_unit);
        else if (byte >> 6 == 3)
            save(machine, low, low < FRAME_REGISTERS ? machine->initial.saved[low] : 0);
        else
            run_extended(machine, low, &program);
        if (machine->location > machine->pc)
            return true;
    }
    return !program.is_wrong && !machine->is_unknown;
}

static void clear(struct frame_rule *rule)
{
    memset(rule, 0, sizeof *rule);
    for (unsigned i = 0; i < FRAME_REGISTERS; i++)
        rule->saved[i] = FRAME_KEPT;
}

bool frame_rule_find(const struct module *module, uint64_t pc, struct frame_rule *rule)
{
    static struct machine machine;
    struct common common;
    uint64_t at = module->index == 0 || module->frames == 0 ? 0 : find_record(module, pc);
    if (at == 0)
        return false;
    struct reader record = open_record(module, at);
    uint64_t here = record.at, back = take(&record, 4);
    if (record.is_wrong || back == 0 || !read_common(module, here - back, &common))
        return false;
    uint64_t start = take_address(&record, common.addresses_as),
             length = take_address(&record, common.addresses_as & FORM);
    if (common.has_augmentation)
        skip(&record, take_leb(&record, false));
    if (record.is_wrong || pc < start || pc - start >= length)
        return false;
    memset(&machine, 0, sizeof machine);
    machine.common = &common;
    machine.pc = ~(uint64_t)0;
    clear(&machine.rule);
    if (!run(&machine, common.program))
        return false;
    machine.initial = machine.rule;
    machine.location = start;
    machine.pc = pc;
    if (!common.is_signal && !run(&machine, record))
        return false;
    *rule = machine.rule;
    rule->is_signal = common.is_signal;
    return rule->is_signal || rule->saved[FRAME_RETURN] != FRAME_KEPT;
}

void frame_rule_guess(struct frame_rule *rule)
{
    clear(rule);
    rule->base = FRAME_RBP;
    rule->offset = 16;
    rule->saved[FRAME_RBP] = -16;
    rule->saved[FRAME_RETURN] = -8;
}
