/* SPDX-License-Identifier: Apache-2.0 */
#include "operand.h"

#include <string.h>
#include <sys/mman.h>

#include "device/bus.h"
#include "device/private_pages.h"
#include "ground/low_bits.h"
#include "ground/page.h"
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

uint64_t operand_linear(const struct trap *trap, uint64_t offset)
{
    const struct decode_address *address = &trap->site->decode.address;
    return trap_narrow(trap, (offset & low_bits(address->bits)) + registers_segment_base(address->segment));
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
    return operand_linear(trap, linear);
}

uint64_t operand_address(const struct trap *trap)
{
    return operand_address_at(trap, 0);
}

/* One bit per byte, from one per element. */
static uint64_t spread(uint64_t elements, unsigned element_width)
{
    uint64_t bytes = 0, one = low_bits(element_width);
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
static bool access_host_memory(struct trap *trap, const struct bus_piece *piece, uint8_t *memory)
{
    uint8_t *to = piece->is_store ? memory : piece->bytes;
    const uint8_t *from = piece->is_store ? piece->bytes : memory;
    if (piece->enables == low_bits(piece->width))
        return copy_host_memory(trap, to, from, piece->width);
    for (unsigned i = 0; i < piece->width; i++)
        if (piece->enables >> i & 1 && !copy_host_memory(trap, to + i, from + i, 1))
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
static bool access_shared_memory(struct trap *trap, const struct bus_piece *piece, uint8_t *memory)
{
    if (piece->is_store && piece->enables != low_bits(piece->width))
        return access_host_memory(trap, piece, memory);
    if (piece->is_store)
        memory_poll_store(memory, piece->bytes, piece->width);
    else
        memory_poll_load(trap->site->pc, piece->address, memory, piece->bytes, piece->width);
    return true;
}

bool operand_make_own(struct trap *trap, uint64_t address, unsigned width, uint64_t enables)
{
    for (unsigned done = 0, next; done < width; done = next) {
        uint64_t at = address + done, rest = page_rest(at);
        struct window window;
        next = rest < width - done ? done + (unsigned)rest : width;
        bool is_touched = width > MAX_PIECE || (enables & low_bits(next) & ~low_bits(done)) != 0;
        if (!is_touched || !window_find(at, &window) || !window.is_private || !(window.protection & PROT_WRITE))
            continue;
        if (!private_pages_copy(trap->site, at, &trap->raised))
            return false;
        trap->again = true;
    }
    return true;
}

/* Cuts `piece` to the page. Not inlined: hardly any store is one of these. */
static __attribute__((noinline)) bool store_in_copy(struct trap *trap, struct bus_piece *piece)
{
    uint64_t rest = page_rest(piece->address);
    if (rest < piece->width)
        piece->width = (unsigned)rest;
    piece->enables &= low_bits(piece->width);
    return piece->enables == 0 || (private_pages_copy(trap->site, piece->address, &trap->raised) &&
                                   access_host_memory(trap, piece, (uint8_t *)piece->address));
}

/* Cuts `piece` to what lies in one window or in none. */
static bool access_piece(struct trap *trap, struct bus_piece *piece)
{
    struct window window;
    bool in_window = window_find(piece->address, &window);
    uint64_t limit = in_window ? window.end : window_next(piece->address, piece->address + piece->width);
    if (limit - piece->address < piece->width)
        piece->width = (unsigned)(limit - piece->address);
    piece->enables &= low_bits(piece->width);
    if (piece->enables == 0)
        return true;
    if (!in_window)
        return access_host_memory(trap, piece, (uint8_t *)piece->address);
    if (!(window.protection & (piece->is_store ? PROT_WRITE : PROT_READ)))
        return refuse_protection(trap, piece->address);
    if (window.is_private && piece->is_store)
        return store_in_copy(trap, piece);
    uint8_t *memory = window.memory + (piece->address - window.start);
    if (window.is_shared)
        return access_shared_memory(trap, piece, memory);
    if (window.memory != NULL)
        return access_host_memory(trap, piece, memory);
    return bus_access(trap->site, &window, piece, &trap->raised);
}

static bool access_all(struct trap *trap, const struct bus_piece *operand)
{
    for (unsigned done = 0; done < operand->width;) {
        struct bus_piece piece = *operand;
        piece.address += done;
        piece.bytes += done;
        piece.width = operand->width - done < MAX_PIECE ? operand->width - done : MAX_PIECE;
        piece.enables = operand->width > MAX_PIECE ? OPERAND_ALL : operand->enables >> done;
        if (!access_piece(trap, &piece))
            return false;
        done += piece.width;
    }
    return true;
}

bool operand_load(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, uint8_t *bytes)
{
    return access_all(trap,
                      &(struct bus_piece){.address = address, .width = width, .enables = enables, .bytes = bytes});
}

bool operand_load_and_hold(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, uint8_t *bytes)
{
    return access_all(trap, &(struct bus_piece){
                                .hold = true, .address = address, .width = width, .enables = enables, .bytes = bytes});
}

bool operand_store(struct trap *trap, uint64_t address, unsigned width, uint64_t enables, const uint8_t *bytes)
{
    return access_all(
        trap, &(struct bus_piece){
                  .is_store = true, .address = address, .width = width, .enables = enables, .bytes = (uint8_t *)bytes});
}
