// SPDX-License-Identifier: Apache-2.0
// writer FILE COUNT: tells of COUNT accesses by the ring in FILE, as fast as there is room, as session 7; the bridge is
// lost as soon as FILE has no name any more. Prints how many it told.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lane/ring.h"

static const char *file;

static bool is_lost(void)
{
    return access(file, F_OK) != 0;
}

int main(int argc, char **argv)
{
    uint64_t count = argc == 3 ? strtoull(argv[2], NULL, 0) : 0, told = 0;
    file = argv[1];
    if (count == 0 || ring_begin(file, 7, is_lost) != 0)
        return 2;
    for (; told < count; told++) {
        struct ring_record record = {.offset = told, .device = 1, .operation = 2, .width_bytes = 4};
        if (!ring_enter(&record))
            break;
        ring_leave(&record);
    }
    printf("%" PRIu64 " told\n", told);
    return 0;
}
