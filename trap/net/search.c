/* SPDX-License-Identifier: Apache-2.0 */
#include "search.h"

#include <string.h>

#include "steps.h"

/* Numbers at which a list begins or goes on again after a gap, and those behind its last before a gap, in turns. */
struct turns {
    uint32_t at[MOST_TURNS];
    size_t count;
};

/* Each number of the list turns what it and the next one stand for. */
static void turn_at(struct turns *turns, uint32_t number)
{
    size_t place = turns->count;
    while (place > 0 && turns->at[place - 1] > number)
        place--;
    if (place > 0 && turns->at[place - 1] == number) {
        memmove(turns->at + place - 1, turns->at + place, (turns->count - place) * sizeof *turns->at);
        turns->count--;
        return;
    }
    memmove(turns->at + place + 1, turns->at + place, (turns->count - place) * sizeof *turns->at);
    turns->at[place] = number;
    turns->count++;
}

/* Those of the turns from `first` on, so that each is reached by as few steps as the other. `end` is where the whole
 * search ends: there goes what is in no list, and what is goes behind. */
static void search(struct filter_program *program, const struct turns *turns, size_t first, size_t count, size_t end)
{
    size_t below = count / 2, above = count - below - 1, from = program->length + 1;
    size_t middle = first + below;
    size_t if_less = below > 0 ? from : end + middle % 2, if_not = above > 0 ? from + below : end + (middle + 1) % 2;
    put(program, BPF_JMP | BPF_JGE | BPF_K, turns->at[middle], (uint8_t)(if_not - from), (uint8_t)(if_less - from));
    if (below > 0)
        search(program, turns, first, below, end);
    if (above > 0)
        search(program, turns, middle + 1, above, end);
}

size_t unless_one_of(struct filter_program *program, const uint32_t *numbers, size_t count)
{
    struct turns turns = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        turn_at(&turns, numbers[i]);
        turn_at(&turns, numbers[i] + 1);
    }
    search(program, &turns, 0, turns.count, program->length + turns.count);
    return jump(program);
}
