// SPDX-License-Identifier: Apache-2.0
#include "patch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "trampoline.h"

enum { PAGE = 4096 };

static _Alignas(PAGE) uint8_t page[PAGE];

static void allow(int protection)
{
    if (mprotect(page, PAGE, protection) == 0)
        return;
    fprintf(stderr, "forms: cannot change the protection of the code page: %s\n", strerror(errno));
    exit(2);
}

// jmp *0(%rip), followed by where to.
static void write_jump(uint8_t *code, const uint8_t *target)
{
    static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};
    memcpy(code, jump, sizeof jump);
    memcpy(code + sizeof jump, &target, sizeof target);
}

const uint8_t *patch_code(const struct form *form, uint64_t address)
{
    size_t patched = form->setup & WITH_ABSOLUTE64 ? 8 : form->setup & WITH_ABSOLUTE32 ? 4 : 0;
    if (patched == 0)
        return form->code;
    size_t length = (size_t)(form->code_end - form->code);
    allow(PROT_READ | PROT_WRITE);
    memcpy(page, form->code, length);
    memcpy(page + length - patched, &address, patched);
    write_jump(page + length, trampoline_return);
    allow(PROT_READ | PROT_EXEC);
    return page;
}
