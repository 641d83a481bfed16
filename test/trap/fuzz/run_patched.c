// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "instruction/decode.h"
#include "patch/patch.h"
#include "patch/trampoline.h"
#include "run.h"

enum { STACK_BYTES = 64 * 1024, RED_ZONE = 128, TRAPS_UNTIL_PATCHED = 4, NO_STACK_ONE_IN = 8 };
static _Alignas(64) uint8_t stack[STACK_BYTES];

bool run_prepare_patched(struct trial *trial)
{
    struct decode decode;
    if (!decode_instruction(DECODE_CODE64, trial->bytes, trial->decoded.instruction.length, &decode) ||
        !trampoline_can_be(&decode))
        return false;
    if (random_below(&trial->random, NO_STACK_ONE_IN) == 0)
        return true;
    trial->in.gpr[RSP] = (uint64_t)stack + STACK_BYTES - RED_ZONE - random_below(&trial->random, RED_ZONE);
    return true;
}

// The bytes that a program may keep below RSP; NULL where it has no stack.
static uint8_t *red_zone_of(const struct trial *trial)
{
    uint64_t offset = trial->in.gpr[RSP] - RED_ZONE - (uint64_t)stack;
    return offset < STACK_BYTES ? stack + offset : NULL;
}

bool run_patched(const struct trial *trial, enum run_way way, struct outcome *outcome)
{
    uint8_t before[RED_ZONE], *red_zone = red_zone_of(trial);
    patch_forget_all();
    for (int i = 0; i < TRAPS_UNTIL_PATCHED && patch_at(trial->pc) == NULL; i++)
        i == 0 ? run_trapped(trial, outcome) : run_again(trial, outcome);
    struct patch *patch = patch_at(trial->pc);
    if (patch == NULL || !patch_is_in_place(patch))
        return false;
    if (way == RUN_TO_COPY)
        patch->length = 0;
    memset(before, 0x5a, sizeof before);
    if (red_zone != NULL)
        memcpy(red_zone, before, sizeof before);
    run_again(trial, outcome);
    if (red_zone != NULL && memcmp(red_zone, before, sizeof before) != 0)
        outcome->signal = -1;
    return true;
}
