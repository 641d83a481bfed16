// SPDX-License-Identifier: Apache-2.0
// Puts the bytes of an instruction together from the bits of its form and free fields. Pure.
#ifndef ENCODE_H
#define ENCODE_H

#include "form.h"

// What is free in most forms. Register numbers have all their bits, up to 31.
struct encode_fields {
    uint8_t reg, vvvv, base, index; // base: also the register operand if the form has registers only
    uint8_t scale;                  // 0 to 3
    uint8_t mod;                    // 0 to 2
    bool has_sib;
    uint8_t opmask;
    uint8_t segment; // a legacy prefix, or 0
    bool address_32;
    bool w;           // counts where the form leaves W free
    bool rex;         // a REX prefix even if no bit of it is needed
    bool short_vex;   // the prefix of two bytes, where it can say the same
    uint8_t tail[16]; // displacement, immediate
};

// Writes prefixes, opcode, ModRM, SIB and then the whole tail. Returns the length; the decoder knows how much of it
// counts.
size_t encode(const struct form_encoding *encoding, bool has_modrm, const struct encode_fields *fields,
              uint8_t bytes[40]);
#endif
