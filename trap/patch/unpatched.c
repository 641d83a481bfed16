/* SPDX-License-Identifier: Apache-2.0 */
#include "unpatched.h"

#include <string.h>
#include <sys/mman.h>

#include "ground/ledger.h"
#include "ground/maps.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/signal_safe.h"

_Static_assert((int)PATCH_OBSTACLES <= (int)LEDGER_MOST_REASONS, "the ledger has no room for each of them");

/* Sites are forgotten when their place is needed; these are not, so that none is counted twice. */
enum { MOST_KNOWN = 1024 };
struct known {
    uint64_t pc;
    enum patch_obstacle obstacle;
};
static struct known *known;
static unsigned known_count;

bool unpatched_init(void)
{
    long mapped = raw_syscall(SYS_mmap, 0, MOST_KNOWN * sizeof *known, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    known = (struct known *)mapped;
    return mapped >= 0;
}

static struct known *find(uint64_t pc)
{
    for (unsigned i = 0; i < known_count; i++)
        if (known[i].pc == pc)
            return &known[i];
    return NULL;
}

/* `mov eax, [rdi] at program+0x1139` */
static void describe(const struct site *site, char *text, unsigned size)
{
    char instruction[64], path[256];
    uint64_t offset;
    struct maps_head head;
    decode_disassemble(&site->decode, site->pc, instruction, sizeof instruction);
    bool is_of_file = maps_find(site->pc, path, sizeof path, &offset, &head);
    const char *slash = strrchr(path, '/');
    report_text(text, size, "%s at %s%s%x", instruction, !is_of_file || slash == NULL ? "" : slash + 1,
                is_of_file ? "+" : "", is_of_file ? offset : site->pc);
}

void unpatched_note(struct site *site, enum patch_obstacle obstacle)
{
    char which[112];
    struct known *before = find(site->pc);
    site->obstacle = (uint8_t)(1 + obstacle);
    if (before != NULL && before->obstacle == obstacle)
        return;
    if (before == NULL && known_count == MOST_KNOWN)
        return;
    if (before != NULL)
        ledger_take_back_unpatched(before->obstacle, site->trapped_unpatched);
    site->trapped_unpatched = 0;
    *(before != NULL ? before : &known[known_count++]) = (struct known){site->pc, obstacle};
    describe(site, which, sizeof which);
    ledger_note_unpatched(obstacle, which);
}

void unpatched_take_back(struct site *site)
{
    struct known *before = find(site->pc);
    site->obstacle = 0;
    if (before == NULL)
        return;
    ledger_take_back_unpatched(before->obstacle, site->trapped_unpatched);
    *before = known[--known_count];
}

void unpatched_note_trap(struct site *site)
{
    if (site->obstacle == 0)
        return;
    site->trapped_unpatched++;
    ledger_note_unpatched_trap(site->obstacle - 1u);
}
