/* SPDX-License-Identifier: Apache-2.0 */
#include "late.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "apart.h"
#include "ground/descriptor_link.h"
#include "ground/ledger.h"
#include "ground/maps.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "install.h"
#include "lane/channel.h"
#include "places.h"
#include "sites.h"

/* Places that filters of this process name already, also in the child of a fork: code goes and comes again. Without
 * room for more they may be named twice. */
enum { MOST_KNOWN = 1024 };
static struct filter_range program, known[MOST_KNOWN];
static size_t known_count;

void late_know_program(struct filter_range code)
{
    program = code;
}

static void know(struct filter_range code)
{
    if (known_count < MOST_KNOWN && code.start < code.end)
        known[known_count++] = code;
}

static bool is_known(struct filter_range code)
{
    for (size_t i = 0; i <= known_count && code.start < code.end; i++) {
        struct filter_range part = i == 0 ? program : known[i - 1];
        if (part.start > code.start || code.start >= part.end)
            continue;
        code.start = part.end;
        i = (size_t)-1;
    }
    return code.start >= code.end;
}

static struct filter_places late;

/* 0, or -errno. In a child with the memory of its parent filters are the child's alone. */
static long watch(void)
{
    struct filter_program *program = late.own_count + late.wide_count > 0 ? install_room() : NULL;
    if (program == NULL)
        return late.own_count + late.wide_count > 0 ? -ENOMEM : 0;
    filter_for_latecomers(&late, apart_none(), program);
    long result = install_everywhere(program);
    install_room_back(program);
    if (result != 0 || channel_is_borrowed())
        return result;
    for (size_t i = 0; i < late.own_count; i++)
        know((struct filter_range){late.own[i], late.own[i] + 1});
    for (size_t i = 0; i < late.wide_count; i++)
        know(late.wide[i]);
    return 0;
}

/* Behind the last instruction of code is the place of its call. */
static long watch_range(struct filter_range code)
{
    code.end++;
    if (is_known(code))
        return 0;
    late.own_count = 0;
    late.wide[0] = code;
    late.wide_count = 1;
    return watch();
}

/* Makes the kernel say so where a page can't be read: one behind the end of its file. Older kernels (before 5.14) don't
 * know how. */
static bool can_be_read(struct filter_range code, int protection)
{
    long result = raw_syscall(SYS_madvise, code.start, code.end - code.start, MADV_POPULATE_READ);
    return protection & PROT_READ && (result == 0 || result == -EINVAL);
}

/* Most libraries have no such instruction, and those that have have few. */
static long look_at_text(struct filter_range code, int protection)
{
    struct sites found = {.count = 0};
    bool is_looked_at = can_be_read(code, protection);
    if (is_looked_at)
        sites_find(code, &found);
    if (!is_looked_at || found.count > SITES_FEW)
        return watch_range(code);
    late.own_count = late.wide_count = 0;
    for (size_t i = 0; i < found.count; i++)
        if (!is_known((struct filter_range){found.first[i], found.first[i] + 1}))
            late.own[late.own_count++] = found.first[i];
    return watch();
}

/* Programs that make code ask for it in pieces. Each piece that is new is watched with some of what lies beside it and
 * may become code as well, the more the more pieces there were: so few filters are enough for a large program, and a
 * small one has no large range, which some program that is executed later could come to lie in (docs/programs.md). */
enum { MOST_PIECES = 16, FIRST_MARGIN = 1 << 18 };
static unsigned piece_count;
static bool is_made_code_trusted;

void late_trust_made_code(void)
{
    is_made_code_trusted = true;
}

static long watch_made(struct filter_range code, const struct maps_part *part)
{
    if (is_made_code_trusted || is_known((struct filter_range){code.start, code.end + 1}))
        return 0;
    if (piece_count == MOST_PIECES) {
        if (ledger_is_first_to_say(LEDGER_MUCH_CODE))
            report("the program makes code at run time in more than %u places; the net does not see system calls by "
                   "instructions of what comes now",
                   (uint64_t)MOST_PIECES);
        return 0;
    }
    uint64_t margin = (uint64_t)FIRST_MARGIN << piece_count;
    if (code.start > part->start)
        code.start = code.start - part->start > margin ? code.start - margin : part->start;
    if (code.end < part->end)
        code.end = part->end - code.end > margin ? code.end + margin : part->end;
    piece_count += !channel_is_borrowed();
    return watch_range(code);
}

/* Memory that is looked through each time when it is made runnable, since nobody writes there then. */
enum { MOST_LOOKED_AT = 1 << 20 };

static bool has_no_calls(struct filter_range code, int protection)
{
    struct sites found = {.count = 0};
    if (protection & PROT_WRITE || code.end - code.start > MOST_LOOKED_AT || !can_be_read(code, protection))
        return false;
    sites_find(code, &found);
    return found.count == 0;
}

static long look_at_part(struct filter_range code, int protection, const struct maps_part *part)
{
    if (part->is_of_file && !part->is_shared && !(protection & PROT_WRITE))
        return look_at_text(code, protection);
    return !part->is_shared && has_no_calls(code, protection) ? 0 : watch_made(code, part);
}

/* What was last found to be the program's own memory: programs that shut code again and again do so in one place. */
static struct maps_part plain;
static atomic_bool is_plain;

void late_forget(void)
{
    atomic_store_explicit(&is_plain, false, memory_order_relaxed);
}

static bool find_part(uint64_t address, struct maps_part *part)
{
    if (atomic_load(&is_plain) && address >= plain.start && address < plain.end) {
        *part = plain;
        return true;
    }
    atomic_store(&is_plain, true); /* before it is looked for: it may be gone at once */
    bool is_there = maps_part_at(address, &plain);
    *part = plain;
    if (!is_there || plain.is_shared || plain.is_of_file)
        late_forget();
    return is_there;
}

static long look_at(struct filter_range code, int protection)
{
    long result = 0;
    for (struct maps_part part; code.start < code.end && result == 0; code.start = part.end) {
        if (!find_part(code.start, &part))
            break;
        struct filter_range piece = {code.start, part.end < code.end ? part.end : code.end};
        if (places_are_of_host(piece))
            result = look_at_part(piece, protection, &part);
    }
    return result;
}

long late_protected(struct filter_range code, int protection)
{
    uint64_t before = install_begin();
    long result = look_at(code, protection);
    install_end(before);
    return result;
}

static bool is_of_checker(int file)
{
    char path[DESCRIPTOR_LINK], name[512];
    const char *link = descriptor_link(path, DESCRIPTOR_FILES, file);
    long length = raw_syscall(SYS_readlink, link, name, sizeof name - 1);
    name[length > 0 ? length : 0] = 0;
    return places_are_of_checker(name);
}

/* Up to the end of the file: libraries may be mapped at first with what lies behind it. */
static struct filter_range within_file(struct filter_range code, int file, uint64_t offset)
{
    struct stat status;
    if (raw_syscall(SYS_fstat, file, &status) != 0 || !S_ISREG(status.st_mode))
        return code;
    uint64_t left = (uint64_t)status.st_size > offset ? (uint64_t)status.st_size - offset : 0;
    if (left < code.end - code.start)
        code.end = code.start + left;
    return code;
}

long late_mapped(struct filter_range code, int protection, int flags, int file, uint64_t offset)
{
    bool is_text = !(flags & MAP_ANONYMOUS) && (flags & MAP_TYPE) == MAP_PRIVATE && !(protection & PROT_WRITE);
    if (flags & MAP_ANONYMOUS && !(protection & PROT_WRITE) && (flags & MAP_TYPE) == MAP_PRIVATE)
        return 0; /* nothing is in it */
    if (!is_text)
        return late_protected(code, protection);
    code = within_file(code, file, offset);
    if (code.start == code.end || is_of_checker(file))
        return 0;
    uint64_t before = install_begin();
    long result = places_are_of_host(code) ? look_at_text(code, protection) : 0;
    install_end(before);
    return result;
}
