// SPDX-License-Identifier: Apache-2.0
#include "trial.h"

#include <string.h>

#include "address.h"
#include "setup.h"
#include "specimen.h"
#include "values.h"

static bool one_in(struct trial *trial, unsigned count)
{
    return random_below(&trial->random, count) == 0;
}

// Only low bases reach the arena with 32-bit addresses and displacements.
static void draw_segment_bases(struct trial *trial)
{
    bool must_be_low = trial->decoded.instruction.address_width == 32 || one_in(trial, 2);
    trial->fs_base = (must_be_low ? ARENA_LOW_THREAD : ARENA_HIGH_THREAD) +
                     random_below(&trial->random, ARENA_PAGE / 2);
    trial->gs_base = must_be_low ? random_below(&trial->random, ARENA_START / 2) : random_next(&trial->random) >> 18;
}

static bool draw(struct trial *trial)
{
    if (!specimen_draw(trial->form, &trial->random, trial->bytes, &trial->decoded))
        return false;
    trial->memory_operand = form_memory(&trial->decoded);
    draw_segment_bases(trial);
    values_fill_state(&trial->in, &trial->random);
    bool is_aimed = setup_apply(trial);
    trial_narrow(trial->in.gpr);
    return is_aimed;
}

// What the arena holds at the start of every case, but for the few bytes that a case puts there.
static const uint8_t *background(uint64_t seed)
{
    static uint8_t image[ARENA_SIZE];
    static uint64_t image_seed;
    static bool ready;
    if (!ready || image_seed != seed) {
        random_fill(&(struct random){seed}, image, sizeof image);
        image_seed = seed;
        ready = true;
    }
    return image;
}

void trial_make(struct trial *trial, const struct trial_forms *forms, uint64_t seed, uint64_t number)
{
    struct random mixer = {seed ^ number * 0xd1342543de82ef95};
    trial->random.counter = random_next(&mixer);
    trial->form = forms->forms[number % forms->count];
    do {
        memcpy(trial->memory, background(seed), ARENA_SIZE);
        trial->pc = ARENA_CODE + random_below(&trial->random, ARENA_PAGE / 2);
    } while (!draw(trial));
}
