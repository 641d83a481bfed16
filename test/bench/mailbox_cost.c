/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mailbox_cost FILE SLOT SESSION OFFSET WIDTH read|write COUNT [ROUNDS]
 * Accesses by a mailbox (trapline/v1/lane.h) with the agent's own half of it and nothing around: no host, no trap, no
 * bridge. Prints one line a round: nanoseconds an access as median, p99 and mean.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane/mailbox.h"
#include "spread.h"

static bool is_lost(void)
{
    return false;
}

static double round_trip(struct mailbox *mailbox, trapline_v1_Access *access)
{
    static trapline_v1_Completion completion;
    const double start = ns_now();
    access->seq++;
    mailbox_put(mailbox, access);
    if (!mailbox_wait(mailbox, access, &completion, is_lost) || completion.status != trapline_v1_Status_STATUS_OKAY) {
        fprintf(stderr, "mailbox_cost: the model did not answer with OKAY: %s\n", completion.detail);
        exit(1);
    }
    return ns_now() - start;
}

int main(int argc, char **argv)
{
    static trapline_v1_Access access;
    struct mailbox mailbox;
    if (argc < 8 || argc > 9) {
        fputs("usage: mailbox_cost FILE SLOT SESSION OFFSET WIDTH read|write COUNT [ROUNDS]\n", stderr);
        return 2;
    }
    const bool is_write = strcmp(argv[6], "write") == 0;
    const size_t count = strtoul(argv[7], NULL, 0), rounds = argc == 9 ? strtoul(argv[8], NULL, 0) : 1;
    double *ns = calloc(count, sizeof *ns);
    if (!mailbox_map(&mailbox, argv[1], (unsigned)strtoul(argv[2], NULL, 0), (uint32_t)strtoul(argv[3], NULL, 0))) {
        fputs("mailbox_cost: there is no such mailbox\n", stderr);
        return 1;
    }
    access.device = 1;
    access.offset = strtoull(argv[4], NULL, 0);
    access.width_bytes = (uint32_t)strtoul(argv[5], NULL, 0);
    access.operation = is_write ? trapline_v1_Operation_OPERATION_WRITE : trapline_v1_Operation_OPERATION_READ;
    access.data.size = (pb_size_t)(is_write ? access.width_bytes : 0);
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < count; i++)
            ns[i] = round_trip(&mailbox, &access);
        spread_print("mailbox", ns, count);
    }
    free(ns);
    return 0;
}
