// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "code32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "ia32.h"
#include "trampoline.h"

enum { PAGE = 4096, WAY_IN = 0, WAY_OUT = 64, INSTRUCTION = 128, DESCRIPTOR = 2048 };

static uint8_t *page;

static void allow(int protection)
{
    if (mprotect(page, PAGE, protection) == 0)
        return;
    perror("forms: cannot change the protection of the page of 32-bit code");
    exit(2);
}

static void write_code(const uint8_t *code, size_t length)
{
    ia32_write_way_in(page + WAY_IN, (uint64_t)(uintptr_t)(page + INSTRUCTION));
    memcpy(page + INSTRUCTION, code, length);
    ia32_write_way_out(page + INSTRUCTION + length, page + WAY_OUT, trampoline_return);
}

bool code32_init(void)
{
    if (!ia32_is_there())
        return false;
    page = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    ia32_load_data_segments();
    return page != MAP_FAILED;
}

static bool is_legacy_prefix(uint8_t byte)
{
    return byte != 0 && strchr("\x26\x2e\x36\x3e\x64\x65\x66\xf0\xf2\xf3", byte) != NULL;
}

// Stack and branches: their operand has the size of a word.
static bool is_word_operation(const uint8_t *opcode)
{
    unsigned extension = opcode[1] >> 3 & 7;
    return opcode[0] == 0x8f || (opcode[0] == 0xff && extension >= 2);
}

// vpinsrq and vpextrq: processors differ on what W is to them in 32-bit code.
static bool is_wide_insertion(const uint8_t *code)
{
    return code[0] == 0xc4 && (code[1] & 0x1f) == 3 && code[2] & 0x80 && (code[3] == 0x16 || code[3] == 0x22);
}

// Registers that 32-bit code doesn't have, and opcodes that are something else in it (Intel SDM volume 2, 2.3.5 and
// appendix A): REX is inc and dec, 63 is arpl, A0 to A3 have an address of 4 bytes, and a vector prefix that extends
// the register field is bound, les or lds. With 67h, addresses have 16 bits.
static bool is_same_in_code32(const struct form *form)
{
    const uint8_t *code = form->code;
    bool is_short = false;
    for (; is_legacy_prefix(*code); code++)
        is_short |= *code == 0x66;
    if (*code == 0x67 || (*code & 0xf0) == 0x40 || *code == 0x63 || (*code >= 0xa0 && *code <= 0xa3))
        return false;
    bool is_high = *code == 0x62 && !(code[3] & 8); // the first source is one of 16 to 31: processors differ
    if (*code == 0x62 || *code == 0xc4 || *code == 0xc5)
        return !is_high && (code[1] & 0xc0) == 0xc0 && !is_wide_insertion(code);
    bool stores_code_segment = *code == 0x8c && (code[1] >> 3 & 7) == 1; // which is refused
    return !stores_code_segment && (is_short || !is_word_operation(code));
}

static bool is_low(uint8_t number)
{
    return number < 8 || number == REGISTER_NONE;
}

bool code32_fits(const struct form *form)
{
    if (form->is_code32)
        return true;
    return is_low(form->base) && is_low(form->index) && form->segment != SEGMENT_FS &&
           !(form->setup & (WITH_ABSOLUTE64 | WITH_ADDRESS32 | WITH_CODE_POINTER)) && is_same_in_code32(form);
}

const uint8_t *code32_place(const struct form *form, uint64_t address)
{
    size_t length = (size_t)(form->code_end - form->code);
    allow(PROT_READ | PROT_WRITE);
    write_code(form->code, length);
    if (form->setup & WITH_ABSOLUTE32)
        memcpy(page + INSTRUCTION + length - 4, &address, 4);
    allow(PROT_READ | PROT_EXEC);
    return page + WAY_IN;
}

uint64_t code32_end(const struct form *form)
{
    return (uint64_t)(uintptr_t)(page + INSTRUCTION) + (uint64_t)(form->code_end - form->code);
}

void code32_set_gs(uint64_t base)
{
    static int entry = -1;
    uint32_t selector = 0;
    if (base != 0) {
        allow(PROT_READ | PROT_WRITE);
        selector = ia32_make_segment((struct user_desc *)(void *)(page + DESCRIPTOR), base, &entry);
        if (selector == 0) {
            fputs("forms: the kernel has no segment for 32-bit code\n", stderr);
            exit(2);
        }
    }
    __asm__ volatile("mov %0, %%gs" : : "r"(selector));
}
