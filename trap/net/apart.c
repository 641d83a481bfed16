/* SPDX-License-Identifier: Apache-2.0 */
#include "apart.h"

#include "memory/window_place.h"

enum { MOST = 32 };
static struct filter_range apart[MOST];
static unsigned apart_count;

struct filter_range apart_none(void)
{
    struct window_place place = window_place();
    return (struct filter_range){place.start, place.end};
}

bool apart_has(struct filter_range pages)
{
    struct filter_range place = apart_none();
    if (pages.start >= place.start && pages.end <= place.end)
        return true;
    for (unsigned i = 0; i < apart_count; i++)
        if (pages.start >= apart[i].start && pages.end <= apart[i].end)
            return true;
    return false;
}

struct filter_range apart_add(struct filter_range pages)
{
    if (apart_count == MOST) {
        for (unsigned i = 0; i < MOST; i++) {
            pages.start = apart[i].start < pages.start ? apart[i].start : pages.start;
            pages.end = apart[i].end > pages.end ? apart[i].end : pages.end;
        }
        apart_count = 0;
    }
    apart[apart_count++] = pages;
    return pages;
}
