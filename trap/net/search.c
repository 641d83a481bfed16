/* SPDX-License-Identifier: Apache-2.0 */
#include "search.h"

#include <stdbool.h>

#include "steps.h"

/* Beyond those of any table of calls. */
enum { NUMBERS_END = 512 };

/* Which list a number is in, from 1; 0: none. */
struct places {
    uint8_t of[NUMBERS_END + 1];
};

/* The numbers from which on another list goes. */
struct turns {
    struct {
        uint16_t number;
        uint8_t list;
    } at[MOST_TURNS];
    size_t count;
};

static bool enter(struct places *places, struct numbers list, uint8_t name)
{
    for (size_t i = 0; i < list.count; i++) {
        if (list.all[i] >= NUMBERS_END)
            return false;
        if (places->of[list.all[i]] == 0)
            places->of[list.all[i]] = name;
    }
    return true;
}

static bool find_turns(const struct numbers *lists, size_t count, struct turns *turns)
{
    struct places places = {{0}};
    turns->count = 0;
    for (size_t i = 0; i < count; i++)
        if (!enter(&places, lists[i], (uint8_t)(i + 1)))
            return false;
    uint8_t before = 0;
    for (uint32_t number = 0; number <= NUMBERS_END; number++) {
        uint8_t list = places.of[number];
        if (list == before)
            continue;
        if (turns->count == MOST_TURNS)
            return false;
        turns->at[turns->count].number = (uint16_t)number;
        turns->at[turns->count++].list = before = list;
    }
    return true;
}

static unsigned distance(unsigned one, unsigned other)
{
    return one < other ? other - one : one - other;
}

/* Has about as many numbers below it as above: the kernel tries each, and many are in no list. */
static size_t middle_of(const struct turns *turns, size_t first, size_t count)
{
    size_t last = first + count - 1, above = last;
    unsigned from = first == 0 ? 0 : turns->at[first - 1].number;
    unsigned to = turns->at[last + 1 < turns->count ? last + 1 : last].number, half = (from + to) / 2;
    for (size_t below = first; below < above;) {
        size_t between = (below + above) / 2;
        if (turns->at[between].number < half)
            below = between + 1;
        else
            above = between;
    }
    bool is_nearer = above > first &&
                     distance(turns->at[above - 1].number, half) < distance(turns->at[above].number, half);
    return is_nearer ? above - 1 : above;
}

/* Those of the turns from `first` on. `end` is where the whole search ends: there goes what is in no list, and what is
 * in the first goes behind, and so on. */
static void search(struct filter_program *program, const struct turns *turns, size_t first, size_t count, size_t end)
{
    size_t middle = middle_of(turns, first, count), below = middle - first, above = count - below - 1;
    size_t from = program->length + 1;
    size_t before = middle == 0 ? 0 : turns->at[middle - 1].list;
    size_t if_less = below > 0 ? from : end + before, if_not = above > 0 ? from + below : end + turns->at[middle].list;
    put(program, BPF_JMP | BPF_JGE | BPF_K, turns->at[middle].number, (uint8_t)(if_not - from),
        (uint8_t)(if_less - from));
    if (below > 0)
        search(program, turns, first, below, end);
    if (above > 0)
        search(program, turns, middle + 1, above, end);
}

/* A filter that lacks calls must not be used. */
static void search_lists(struct filter_program *program, const struct numbers *lists, size_t count)
{
    struct turns turns;
    if (find_turns(lists, count, &turns) && turns.count + count < UINT8_MAX)
        search(program, &turns, 0, turns.count, program->length + turns.count);
    else
        program->length = FILTER_MAX_LENGTH;
}

size_t unless_one_of(struct filter_program *program, const uint32_t *numbers, size_t count)
{
    search_lists(program, &(struct numbers){numbers, count}, 1);
    return jump(program);
}

void split(struct filter_program *program, const struct numbers *lists, size_t count, size_t *at)
{
    search_lists(program, lists, count);
    let_pass(program);
    for (size_t i = 0; i < count; i++)
        at[i] = jump(program);
}
