/* SPDX-License-Identifier: Apache-2.0 */
#include "string_operation.h"

#include <string.h>

#include <sys/mman.h>

#include "device/bus.h"
#include "device/device.h"
#include "ground/page.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "memory/window.h"
#include "operand.h"
#include "ground/signal_safe.h"

/* Elements per trap; the rest of a repetition traps again. */
#define PIECE 1024

static uint64_t narrow(const struct trap *trap, uint64_t value)
{
    return trap->site->decode.address.bits == 32 ? value & 0xffffffff : value;
}

/* Only the source takes a segment override. */
static uint64_t source(const struct trap *trap)
{
    return narrow(trap, trap->general[REGISTER_RSI]) + registers_segment_base(trap->site->decode.address.segment);
}

static uint64_t destination(const struct trap *trap)
{
    return narrow(trap, trap->general[REGISTER_RDI]);
}

static void step(struct trap *trap, unsigned number)
{
    int64_t distance = trap->site->decode.width;
    trap->general[number] = narrow(trap,
                                   trap->general[number] + (uint64_t)(trap->flags & RFLAGS_DF ? -distance : distance));
}

/* Writing AL or AX leaves the rest of RAX alone, EAX clears its upper half. */
static void set_accumulator(struct trap *trap, const uint8_t *bytes, unsigned width)
{
    uint64_t *rax = &trap->general[REGISTER_RAX];
    if (width == 4)
        *rax = 0;
    memcpy(rax, bytes, width);
}

/* Compares the accumulator, or what stands for it, with the element in the scratch buffer. */
static bool compare(struct trap *trap, uint64_t accumulator)
{
    uint64_t general[16];
    memcpy(general, trap->general, sizeof general);
    general[REGISTER_RAX] = accumulator;
    return execute_run(site_slot(trap->site), &trap->site->decode, trap->context, general, &trap->flags);
}

static bool one_element(struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    unsigned width = decode->width;
    uint8_t element[8] = {0}, *scratch = execute_scratch();
    uint64_t accumulator = trap->general[REGISTER_RAX];
    switch (decode->string) {
    case DECODE_MOVS:
        if (!operand_load(trap, source(trap), width, OPERAND_ALL, element) ||
            !operand_store(trap, destination(trap), width, OPERAND_ALL, element))
            return false;
        break;
    case DECODE_STOS:
        if (!operand_store(trap, destination(trap), width, OPERAND_ALL, (const uint8_t *)&accumulator))
            return false;
        break;
    case DECODE_LODS:
        if (!operand_load(trap, source(trap), width, OPERAND_ALL, element))
            return false;
        set_accumulator(trap, element, width);
        break;
    case DECODE_SCAS:
        if (!operand_load(trap, destination(trap), width, OPERAND_ALL, scratch) || !compare(trap, accumulator))
            return false;
        break;
    case DECODE_CMPS:
        if (!operand_load(trap, source(trap), width, OPERAND_ALL, element) ||
            !operand_load(trap, destination(trap), width, OPERAND_ALL, scratch) ||
            !compare(trap, *(uint64_t *)(void *)element))
            return false;
        break;
    }
    if (decode->string != DECODE_STOS && decode->string != DECODE_SCAS)
        step(trap, REGISTER_RSI);
    if (decode->string != DECODE_LODS)
        step(trap, REGISTER_RDI);
    return true;
}

/* ---- many elements in one access, between plain memory and a device that takes bursts */

static uint64_t window_room(uint64_t address, uint64_t want, bool is_store)
{
    struct window window;
    if (!window_find(address, &window) || window.memory != NULL ||
        !(window.protection & (is_store ? PROT_WRITE : PROT_READ)))
        return 0;
    uint64_t file_offset = window.file_offset + (address - window.start);
    const struct device *device = device_at((int)window.node, file_offset);
    if (want > window.end - address)
        want = window.end - address;
    return device == NULL ? 0 : device_burst_room(device, file_offset - device->base, want);
}

static uint64_t memory_room(uint64_t address, uint64_t want)
{
    struct window window;
    return window_find(address, &window) ? 0 : window_next(address, address + want) - address;
}

/* Within a page, so that one touch tells whether all of it can be written. */
static uint64_t writable_room(uint64_t address, uint64_t want)
{
    uint64_t page = page_rest(address);
    return memory_room(address, want < page ? want : page);
}

static bool access_burst(struct trap *trap, bool is_store, uint64_t address, unsigned count, uint8_t *bytes)
{
    struct window window;
    return window_find(address, &window) &&
           bus_access(trap->site, &window, &(struct bus_piece){is_store, false, address, count, OPERAND_ALL, bytes},
                      &trap->raised);
}

/* A device must not be read for memory that turns out not to take it. The byte is about to be overwritten anyway. */
static bool is_writable(uint64_t address)
{
    uint8_t byte;
    return execute_copy(&byte, (const void *)address, 1) && execute_copy((void *)address, &byte, 1);
}

static bool store_back(struct trap *trap, const uint8_t *bytes, unsigned count)
{
    if (execute_copy((void *)destination(trap), bytes, count))
        return true;
    trap->raised = *execute_exception();
    return false;
}

static void fill_elements(uint8_t *bytes, unsigned count, const uint64_t *accumulator, unsigned width)
{
    for (unsigned at = 0; at < count; at += width)
        memcpy(bytes + at, accumulator, width);
}

/* Bytes that can go at once; no more than one element if none can. */
static unsigned burst_length(const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    uint64_t elements = trap->general[REGISTER_RCX], want = DEVICE_BURST_BOUNDARY, to, from;
    if ((decode->string != DECODE_MOVS && decode->string != DECODE_STOS) || trap->flags & RFLAGS_DF ||
        decode->address.bits == 32)
        return 0;
    if (elements < want / decode->width)
        want = elements * decode->width;
    to = window_room(destination(trap), want, true);
    if (decode->string == DECODE_STOS)
        return (unsigned)(to - to % decode->width);
    from = to > 0 ? memory_room(source(trap), to) : window_room(source(trap), want, false);
    if (to == 0)
        from = from > 0 ? writable_room(destination(trap), from) : 0;
    return (unsigned)(from - from % decode->width);
}

/* False: the instruction raises trap->raised. *moved: bytes that went; 0 if the next element has to go alone. */
static bool one_burst(struct trap *trap, unsigned *moved)
{
    static uint8_t bytes[DEVICE_BURST_BOUNDARY];
    const struct decode *decode = &trap->site->decode;
    unsigned count = burst_length(trap);
    struct window window;
    bool is_store = window_find(destination(trap), &window);
    *moved = 0;
    if (count <= decode->width)
        return true;
    if (decode->string == DECODE_STOS)
        fill_elements(bytes, count, &trap->general[REGISTER_RAX], decode->width);
    else if (is_store ? !execute_copy(bytes, (const void *)source(trap), count) : !is_writable(destination(trap)))
        return true;
    if (!access_burst(trap, is_store, is_store ? destination(trap) : source(trap), count, bytes) ||
        (!is_store && !store_back(trap, bytes, count)))
        return false;
    trap->general[REGISTER_RDI] += count;
    if (decode->string == DECODE_MOVS)
        trap->general[REGISTER_RSI] += count;
    trap->general[REGISTER_RCX] -= count / decode->width;
    *moved = count;
    return true;
}

static bool ends_early(const struct trap *trap)
{
    bool equal = trap->flags & RFLAGS_ZF;
    enum decode_repeat repeat = trap->site->decode.repeat;
    return (repeat == DECODE_REPE && !equal) || (repeat == DECODE_REPNE && equal);
}

/* What is done stays done: a fault in the middle of a repetition leaves the registers at the element that faulted. */
static void commit_progress(const struct trap *trap)
{
    registers_store(trap->context, trap->general);
    registers_set_flags(trap->context, trap->flags);
}

bool string_operation(struct trap *trap)
{
    if (trap->site->decode.repeat == DECODE_ONCE)
        return one_element(trap);
    for (unsigned done = 0; narrow(trap, trap->general[REGISTER_RCX]) != 0; done++) {
        if (done == PIECE) {
            trap->next_pc = trap->site->pc;
            return true;
        }
        unsigned moved;
        if (!one_burst(trap, &moved) || (moved == 0 && !one_element(trap))) {
            commit_progress(trap);
            return false;
        }
        if (moved > 0)
            continue;
        trap->general[REGISTER_RCX] = narrow(trap, trap->general[REGISTER_RCX] - 1);
        if (ends_early(trap))
            return true;
    }
    return true;
}
