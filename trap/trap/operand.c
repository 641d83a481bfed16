/* SPDX-License-Identifier: Apache-2.0 */
#include "operand.h"

#include <string.h>
#include <sys/mman.h>

#include "device/bus.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "memory/memory_poll.h"
#include "memory/window.h"
#include "ground/signal_safe.h"

/* What one message can carry. */
#define MAX_PIECE 64

static uint64_t register_value(const struct trap *trap, uint8_t number)
{
    return number == DECODE_NO_REGISTER ? 0 : trap->general[number];
}

uint64_t operand_address_at(const struct trap *trap, uint64_t distance)
{
    const struct decode *decode = &trap->site->decode;
    const struct decode_address *address = &decode->address;
    uint64_t linear = register_value(trap, address->base) + (uint64_t)address->displacement + distance;
    if (address->rip_relative)
        linear += trap->site->pc + decode->length;
    if (decode->action != DECODE_GATHER && decode->action != DECODE_SCATTER) {
        uint64_t index = register_value(trap, address->index);
        linear += (address->index_is_byte ? index & 0xff : index) * address->scale;
    }
    if (address->bits == 32)
        linear &= 0xffffffff;
    return linear + registers_segment_base(address->segment);
}

uint64_t operand_address(const struct trap *trap)
{
    return operand_address_at(trap, 0);
}

/* One bit per byte, from one per element. */
static uint64_t spread(uint64_t elements, unsigned element_width)
{
    uint64_t bytes = 0, one = ((uint64_t)1 << element_width) - 1;
    for (unsigned i = 0; elements != 0 && i * element_width < 64; i++, elements >>= 1)
        if (elements & 1)
            bytes |= one << i * element_width;
    return bytes;
}

static uint64_t sign_elements(const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    uint8_t mask[64];
    uint64_t elements = 0;
    registers_vector(trap->context, decode->mask_register, mask);
    for (unsigned i = 0; i < decode->element_count; i++)
        if (mask[i * decode->element_width + decode->element_width - 1] & 0x80)
            elements |= (uint64_t)1 << i;
    return elements;
}

static uint64_t low_bits(unsigned count)
{
    return count >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1;
}

/* A broadcast has more mask bits than elements in memory: an element is read if any of its bits is set. */
static uint64_t opmask_elements(const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    uint64_t bits = registers_opmask(trap->context, decode->mask_register) & low_bits(decode->mask_bits);
    uint64_t elements = 0;
    for (unsigned i = 0; i < decode->mask_bits; i++)
        elements |= (bits >> i & 1) << i % decode->element_count;
    return elements;
}

static uint64_t compressed_elements(const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    uint64_t bits = registers_opmask(trap->context, decode->mask_register) & low_bits(decode->element_count);
    return low_bits((unsigned)__builtin_popcountll(bits));
}

uint64_t operand_enables(const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    switch (decode->mask) {
    case DECODE_MASK_SIGNS:
        return spread(sign_elements(trap), decode->element_width);
    case DECODE_MASK_OPMASK:
        return spread(opmask_elements(trap), decode->element_width);
    case DECODE_MASK_COMPRESS:
        return spread(compressed_elements(trap), decode->element_width);
    default:
        return low_bits(decode->width);
    }
}

static bool copy_host_memory(struct trap *trap, void *to, const void *from, size_t count)
{
    if (execute_copy(to, from, count))
        return true;
    trap->raised = *execute_exception();
    return false;
}

/* Byte by byte where the mask has gaps. */
static bool access_host_memory(struct trap *trap, bool is_store, uint64_t address, unsigned width, uint64_t enables,
                               uint8_t *bytes)
{
    if (enables == low_bits(width) || width > MAX_PIECE)
        return is_store ? copy_host_memory(trap, (void *)address, bytes, width)
                        : copy_host_memory(trap, bytes, (const void *)address, width);
    for (unsigned i = 0; i < width; i++)
        if (enables >> i & 1 && !access_host_memory(trap, is_store, address + i, 1, 1, bytes + i))
            return false;
    return true;
}

static bool refuse_protection(struct trap *trap, uint64_t address)
{
    memset(&trap->raised, 0, sizeof trap->raised);
    trap->raised.si_signo = SIGSEGV;
    trap->raised.si_code = SEGV_ACCERR;
    trap->raised.si_addr = (void *)address;
    return false;
}

/* A load takes whole operands: bytes that are not enabled do no harm in memory. */
static bool access_shared_memory(struct trap *trap, bool is_store, uint64_t address, uint8_t *memory, unsigned width,
                                 uint64_t enables, uint8_t *bytes)
{
    if (is_store && enables == low_bits(width))
        memory_poll_store(memory, bytes, width);
    else if (is_store)
        return access_host_memory(trap, true, (uint64_t)memory, width, enables, bytes);
    else
        memory_poll_load(trap->site->pc, address, memory, bytes, width);
    return true;
}

/* The longest piece at `address` that lies in one window or in none. */
static bool access_piece(struct trap *trap, bool is_store, bool hold, uint64_t address, unsigned *width,
                         uint64_t enables, uint8_t *bytes)
{
    struct window window;
    bool in_window = window_find(address, &window);
    uint64_t limit = in_window ? window.end : window_next(address, address + *width);
    if (limit - address < *width)
        *width = (unsigned)(limit - address);
    enables &= low_bits(*width);
    if (enables == 0)
        return true;
    if (!in_window)
        return access_host_memory(trap, is_store, address, *width, enables, bytes);
    if (!(window.protection & (is_store ? PROT_WRITE : PROT_READ)))
        return refuse_protection(trap, address);
    uint8_t *memory = window.memory + (address - window.start);
    if (window.is_shared)
        return access_shared_memory(trap, is_store, address, memory, *width, enables, bytes);
    if (window.memory != NULL)
        return access_host_memory(trap, is_store, (uint64_t)memory, *width, enables, bytes);
    struct bus_piece piece = {is_store, hold, address, *width, enables, bytes};
    return bus_access(trap->site, &window, &piece, &trap->raised);
}

static bool access_all(struct trap *trap, bool is_store, bool hold, uint64_t address, unsigned width, uint64_t enables,
                       uint8_t *bytes)
{
    bool is_wide = width > MAX_PIECE;
    while (width > 0) {
        unsigned piece = width < MAX_PIECE ? width : MAX_PIECE;
        if (!access_piece(trap, is_store, hold, address, &piece, is_wide ? OPERAND_ALL : enables, bytes))
            return false;
        address += piece;
        bytes += piece;
        width -= piece;
        enables = piece == 64 ? 0 : enables >> piece;
    }
    return true;
}

bool operand_load(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, bool hold, uint8_t *bytes)
{
    return access_all(trap, false, hold, address, width, enables, bytes);
}

bool operand_store(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, const uint8_t *bytes)
{
    return access_all(trap, true, false, address, width, enables, (uint8_t *)bytes);
}
