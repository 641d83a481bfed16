// SPDX-License-Identifier: Apache-2.0
// One row of the instruction-form table, as the assembler tables write it and as the C side reads it.
// Owns the words of the table; knows nothing of how a form is run or compared.
#ifndef FORM_H
#define FORM_H

#include "flags.h"

// What the instruction does to its memory operand.
#define ACCESS_NONE 0
#define ACCESS_READ 1
#define ACCESS_WRITE 2
#define ACCESS_RMW 3

#define SEGMENT_NONE 0
#define SEGMENT_FS 1
#define SEGMENT_GS 2

#define REGISTER_NONE 0xff

// What a form needs beyond random state. setup.c holds one function for each.
#define WITH_NOTHING 0
#define WITH_CARRY 0x00000001        // CF = 1
#define WITHOUT_CARRY 0x00000002     // CF = 0
#define WITH_SMALL_COUNT 0x00000004  // CL = 1..7
#define WITH_DIVIDEND 0x00000008     // accumulator and divisor chosen so that no #DE is raised
#define WITH_EQUAL 0x00000010        // AL, AX, EAX or RAX equals the operand
#define WITH_EQUAL_PAIR 0x40000000   // EDX:EAX or RDX:RAX equals the operand
#define WITH_NONZERO 0x00000020      // operand is not zero
#define WITH_BIT_INDEX 0x00000040    // RCX = a bit inside the operand
#define WITH_FAR_BIT 0x00000080      // RCX = a bit of the operand that follows the base register's
#define WITH_NEGATIVE_BIT 0x00000100 // RCX = a bit of the operand that precedes the base register's
#define WITH_TABLE_INDEX 0x00000200  // RBX + AL = operand
#define WITH_LENGTHS 0x00000400      // EAX and EDX = 0..16
#define WITH_CODE_POINTER 0x00000800 // operand holds the address at which the stub ends
#define WITH_FLOAT32 0x00001000      // operand and vector registers hold ordinary single floats
#define WITH_FLOAT64 0x00002000      // operand and vector registers hold ordinary double floats
#define WITH_FLOAT80 0x00004000      // operand holds an ordinary extended float
#define WITH_X87_CONTROL 0x00008000  // operand holds an x87 control word that masks all exceptions
#define WITH_SSE_CONTROL 0x00010000  // operand holds an MXCSR that masks all exceptions
#define WITH_SOURCE 0x00020000       // RSI = operand, RDI = spare plain memory
#define WITH_DESTINATION 0x00040000  // RDI = operand, RSI = spare plain memory
#define WITH_BOTH 0x00080000         // RSI = first half of the operand, RDI = second half
#define WITH_COUNT4 0x00100000       // RCX = 4 elements, which make up the operand
#define WITH_COUNT0 0x00200000       // RCX = 0
#define WITH_BACKWARD 0x00400000     // DF = 1, pointers stand on the last element
#define WITH_HALF_EQUAL 0x00800000   // the first half of the spare memory equals the operand's
#define WITH_INDEX32 0x01000000      // XMM2/YMM2/ZMM2 = doubleword indexes into the operand, for scale 4
#define WITH_INDEX64 0x02000000      // the same, quadword indexes for scale 8
#define WITH_LOW 0x04000000          // window and plain memory lie below 2 GiB
#define WITH_ADDRESS32 0x08000000    // 67h prefix: the upper halves of base and index are noise
#define WITH_ABSOLUTE32 0x10000000   // the last 4 bytes of the instruction are patched with the operand's address
#define WITH_ABSOLUTE64 0x20000000   // the last 8 bytes

#ifndef __ASSEMBLER__
#include <stdint.h>

// Laid out by the macro form_record in form.inc.
struct form {
    const char *name;
    const char *feature;      // as feature.c knows it
    const uint8_t *code;      // the instruction, then a jump to trampoline_return
    const uint8_t *code_end;  // first byte after the instruction
    uint32_t setup;           // WITH_…
    uint32_t undefined_flags; // FLAG_… that the architecture leaves undefined
    int32_t displacement;
    uint16_t width_bytes;       // of the memory operand; the bytes that may be touched
    uint8_t access;             // ACCESS_…
    uint8_t base, index, scale; // register numbers as encoded, REGISTER_NONE if absent
    uint8_t segment;            // SEGMENT_…
    uint8_t misalignment;       // bytes past a multiple of 64
    uint8_t is_code32;          // the instruction is for 32-bit code, and nothing follows it
};

_Static_assert(sizeof(struct form) == 56, "form.inc writes 56 bytes a form");

// The tables of all .S files, gathered by the linker.
extern const struct form __start_forms_table[], __stop_forms_table[];
#endif
#endif
