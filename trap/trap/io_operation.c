/* SPDX-License-Identifier: Apache-2.0 */
#include "io_operation.h"

#include <string.h>
#include <sys/mman.h>

#include "device/io_port.h"
#include "ground/low_bits.h"
#include "ground/page.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "memory/window.h"
#include "operand.h"
#include "ground/signal_safe.h"

/* Elements per trap; the rest of a repetition traps again. */
enum { PIECE = 1024 };

/* REX among them, which in 32-bit code is an instruction, inc or dec, that never raises such a fault. */
static bool is_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3};
    for (unsigned i = 0; i < sizeof prefixes; i++)
        if (byte == prefixes[i])
            return true;
    return (byte & 0xf0) == 0x40;
}

/* E4 to E7 and EC to EF, 6C to 6F. */
static bool is_opcode(uint8_t byte)
{
    return (byte & 0xf4) == 0xe4 || (byte & 0xfc) == 0x6c;
}

bool io_operation_is_at(uint64_t pc)
{
    uint8_t bytes[DECODE_MAX_LENGTH];
    unsigned count = sizeof bytes, at = 0;
    if (!execute_copy(bytes, (const void *)pc, count)) {
        count = page_rest(pc) < count ? (unsigned)page_rest(pc) : count;
        if (!execute_copy(bytes, (const void *)pc, count))
            return false;
    }
    while (at < count && is_prefix(bytes[at]))
        at++;
    return at < count && is_opcode(bytes[at]);
}

static unsigned port_of(const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    return decode->io_port == DECODE_PORT_IN_DX ? (unsigned)(trap->general[REGISTER_RDX] & 0xffff)
                                                : (unsigned)decode->io_port;
}

bool io_operation_is_granted(const struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    return decode->action == DECODE_IO && io_port_is_granted(port_of(trap), decode->width);
}

static bool access_port(struct trap *trap, uint8_t *bytes)
{
    const struct decode *decode = &trap->site->decode;
    return io_port_access(trap->site, decode->writes, port_of(trap), decode->width, bytes, &trap->raised);
}

/* AL and AX leave the rest of RAX alone, EAX clears its upper half. */
static bool move_accumulator(struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    uint64_t *rax = &trap->general[REGISTER_RAX];
    uint8_t bytes[4];
    memcpy(bytes, rax, sizeof bytes);
    if (!access_port(trap, bytes))
        return false;
    if (decode->writes)
        return true;
    if (decode->width == 4)
        *rax = 0;
    memcpy(rax, bytes, decode->width);
    return true;
}

static uint64_t address_part(const struct trap *trap, unsigned number)
{
    return trap->general[number] & low_bits(trap->site->decode.address.bits);
}

/* With addresses of 32 bits the upper half of a register is cleared, with those of 16 the rest stays. */
static void change(struct trap *trap, unsigned number, int64_t distance)
{
    uint64_t mask = low_bits(trap->site->decode.address.bits);
    uint64_t kept = trap->site->decode.address.bits == 16 ? trap->general[number] & ~mask : 0;
    trap->general[number] = kept | ((trap->general[number] + (uint64_t)distance) & mask);
}

static bool refuse_store(struct trap *trap, uint64_t address)
{
    memset(&trap->raised, 0, sizeof trap->raised);
    trap->raised.si_signo = SIGSEGV;
    trap->raised.si_code = SEGV_ACCERR;
    trap->raised.si_addr = (void *)address;
    return false;
}

/* A port must not be read for memory that turns out not to take it. */
static bool can_store(struct trap *trap, uint64_t address)
{
    struct window window;
    if (window_find(address, &window))
        return window.protection & PROT_WRITE ? true : refuse_store(trap, address);
    if (execute_can_store((void *)address))
        return true;
    trap->raised = *execute_exception();
    return false;
}

/* The destination takes no segment override (Intel SDM Vol. 2, INS). */
static bool input_element(struct trap *trap)
{
    unsigned width = trap->site->decode.width;
    uint64_t to = address_part(trap, REGISTER_RDI);
    uint8_t bytes[4];
    return can_store(trap, to) && (width == 1 || can_store(trap, to + width - 1)) && access_port(trap, bytes) &&
           operand_store(trap, to, width, OPERAND_ALL, bytes);
}

static bool output_element(struct trap *trap)
{
    uint8_t bytes[4];
    uint64_t from = operand_linear(trap, trap->general[REGISTER_RSI]);
    return operand_load(trap, from, trap->site->decode.width, OPERAND_ALL, bytes) && access_port(trap, bytes);
}

static bool move_element(struct trap *trap)
{
    const struct decode *decode = &trap->site->decode;
    int64_t width = decode->width;
    if (!(decode->writes ? output_element(trap) : input_element(trap)))
        return false;
    change(trap, decode->writes ? REGISTER_RSI : REGISTER_RDI, trap->flags & RFLAGS_DF ? -width : width);
    return true;
}

static bool move_string(struct trap *trap)
{
    if (trap->site->decode.repeat == DECODE_ONCE)
        return move_element(trap);
    for (unsigned done = 0; address_part(trap, REGISTER_RCX) != 0; done++) {
        if (done == PIECE) {
            trap->next_pc = trap->site->pc;
            return true;
        }
        if (!move_element(trap)) {
            registers_store(trap->context, trap->general);
            return false;
        }
        change(trap, REGISTER_RCX, -1);
    }
    return true;
}

bool io_operation(struct trap *trap)
{
    return trap->site->decode.io_is_string ? move_string(trap) : move_accumulator(trap);
}
