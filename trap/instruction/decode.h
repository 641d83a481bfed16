/* SPDX-License-Identifier: Apache-2.0
 *
 * From instruction bytes to what they do with memory, and to the same instruction aimed at a scratch buffer.
 * Pure: reads nothing but its arguments. Fault path.
 */
#ifndef TRAPLINE_DECODE_H
#define TRAPLINE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECODE_MAX_LENGTH 15
#define DECODE_NO_REGISTER 0xff
#define DECODE_PORT_IN_DX (-1)

/* In which code an instruction stands: of 64 bits, or of 32 (Intel SDM Vol. 3, 2.1.3: 64-bit and compatibility mode).
 */
enum decode_mode { DECODE_CODE64, DECODE_CODE32 };

/* How an instruction is carried out. */
enum decode_action {
    DECODE_REFUSED,   /* can't be done faithfully; the host is ended with the disassembly */
    DECODE_NO_ACCESS, /* touches no data: cache-line flushes, prefetches */
    DECODE_RUN,       /* read the operand, run the re-encoded instruction, write the operand */
    DECODE_BIT,       /* as RUN, but a bit offset in a register moves the address (bt, bts, btr, btc) */
    DECODE_PUSH,
    DECODE_POP,
    DECODE_CALL,
    DECODE_JUMP,
    DECODE_STRING,       /* movs, stos, lods, scas, cmps, with or without rep */
    DECODE_MASKED_STORE, /* maskmovq, maskmovdqu */
    DECODE_DIRECT_STORE, /* movdir64b */
    DECODE_GATHER,
    DECODE_SCATTER,
    DECODE_IO, /* in, out, ins, outs: no fault in a window, but a general protection fault (trap/io_operation.h) */
};

/* Which of the operand's bytes an instruction really accesses. */
enum decode_mask {
    DECODE_MASK_NONE,     /* all */
    DECODE_MASK_SIGNS,    /* element i if the sign bit of element i of a vector register is set (vmaskmov) */
    DECODE_MASK_OPMASK,   /* element i if bit i (modulo the element count) of an opmask register is set */
    DECODE_MASK_COMPRESS, /* as many elements as the opmask register has bits set, contiguous */
};

enum decode_string { DECODE_MOVS, DECODE_STOS, DECODE_LODS, DECODE_SCAS, DECODE_CMPS };
enum decode_repeat { DECODE_ONCE, DECODE_REP, DECODE_REPE, DECODE_REPNE };

/* Bits of a ModRM byte: those of the register or opcode, and mod = 00, rm = 101: [rip + disp32] (Intel SDM Vol. 2,
 * 2.1.3). */
#define MODRM_REG 0x38u
#define MODRM_RIP_RELATIVE 0x05u

struct decode_address {
    uint8_t base, index; /* register numbers or DECODE_NO_REGISTER; index is a vector register in gathers */
    uint8_t scale;
    uint8_t segment; /* enum registers_segment */
    uint8_t bits;    /* address size: 16, 32 or 64 */
    bool rip_relative;
    bool index_is_byte; /* only the lowest byte of index counts (xlat) */
    int64_t displacement;
};

struct decode {
    uint8_t bytes[DECODE_MAX_LENGTH];
    uint8_t length;
    enum decode_mode mode;
    enum decode_action action;
    bool reads, writes;
    bool locked;        /* LOCK prefix, or xchg with memory */
    bool uses_vector;   /* touches x87, MMX, SSE, AVX or opmask state */
    bool moves_vector;  /* and does nothing but move some of it (decode_vector.h) */
    bool names_rsp;     /* RSP is a register operand */
    bool reads_rsp;     /* and its value may matter; such an instruction raises nothing */
    bool may_not_store; /* x87: an unmasked exception leaves the operand as it was */
    uint16_t width;     /* of the memory operand, bytes */
    uint16_t alignment; /* that it asks for, or a general protection fault; 1: none */
    struct decode_address address;

    enum decode_mask mask;
    uint8_t mask_register;
    uint8_t element_width, element_count; /* of the memory operand */
    uint8_t mask_bits;                    /* how many opmask bits count */

    uint8_t bit_register; /* BIT */
    int16_t io_port;      /* IO: its number, or DECODE_PORT_IN_DX */
    bool io_is_string;    /* IO: ins, outs */
    enum decode_string string;
    enum decode_repeat repeat;
    uint8_t stack_width;          /* PUSH, POP, CALL, JUMP */
    uint8_t vector, vector_width; /* GATHER, SCATTER: data register; MASKED_STORE: data register */
    uint8_t index_width;          /* GATHER, SCATTER: bytes of one index */
    uint8_t destination;          /* DIRECT_STORE: register that holds the address */
    bool is_mmx;                  /* MASKED_STORE: maskmovq */

    uint8_t code[DECODE_MAX_LENGTH]; /* RUN, BIT, and STRING scas, cmps: the instruction at [rip + disp32] */
    uint8_t code_length;
    uint8_t code_displacement; /* where in `code` the disp32 is */
    uint8_t modrm;             /* of the original */
};

/* Decodes the instruction at `bytes`. False if `count` bytes do not hold a whole valid one. What is to be run of it is
 * for 64-bit code, whatever the mode. */
bool decode_instruction(enum decode_mode mode, const uint8_t *bytes, size_t count, struct decode *decode);

/* The instruction in Intel syntax, cut off at `size` bytes including the final 0. */
void decode_disassemble(const struct decode *decode, uint64_t pc, char *text, size_t size);

#endif
