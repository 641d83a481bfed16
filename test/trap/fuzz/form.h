// SPDX-License-Identifier: Apache-2.0
// What an instruction form is: mnemonic, kinds and widths of its operands, and the encoding that says so.
// Knows nothing of how they are found or run.
#ifndef FORM_H
#define FORM_H

#include <Zydis/Zydis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The bits of an encoding that decide which form it is; all others are free.
struct form_encoding {
    enum { ENCODING_LEGACY, ENCODING_VEX, ENCODING_EVEX } kind;
    uint8_t map; // legacy: 0 to 3 for one byte, 0F, 0F38, 0F3A; else the field of the prefix
    uint8_t opcode;
    bool lock, size_66, w;
    uint8_t repeat;     // legacy: 0, 0xf2 or 0xf3
    uint8_t pp, length; // VEX, EVEX: L or L'L
    bool masked, zeroing, broadcast;
    bool vector_index;   // needs a SIB byte
    bool registers_only; // mod = 3: the memory operand is implied (maskmovdqu)
    uint8_t reg;         // ModRM.reg, if it is a part of the opcode
};

enum form_fate { FORM_RUNS, FORM_NOT_ON_THIS_CPU, FORM_EXCLUDED };

struct form {
    char name[112]; // "lock add m32, r32 (01)": unique
    struct form_encoding encoding;
    ZydisMnemonic mnemonic;
    bool reg_is_operand, vvvv_is_operand, has_modrm;
    bool w_is_free; // decodes to the same with W set and clear
    enum form_fate fate;
    const char *reason; // why it is excluded
};

#define FORM_MAX 16384

// An instruction with its operands, as Zydis sees it.
struct decoded {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

bool form_decode(const uint8_t *bytes, size_t count, struct decoded *decoded);

// The part of a form's name that its operands make: "lock add m32, r32".
void form_describe(const struct decoded *decoded, char *text, size_t size);

// How many copies of the memory operand a broadcast makes; 1 if it is none.
unsigned form_broadcast(const struct decoded *decoded);

// The first operand that is in memory, the stack of push and its kin apart. NULL if there is none.
const ZydisDecodedOperand *form_memory(const struct decoded *decoded);
#endif
