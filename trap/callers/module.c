/* SPDX-License-Identifier: Apache-2.0 */
#include "module.h"

#include <elf.h>
#include <string.h>

#include "ground/build_id.h"
#include "ground/maps.h"
#include "ground/page.h"
#include "ground/readable.h"
#include "ground/signal_safe.h"

/* A host with more has the one that was found first looked for anew. */
enum { MOST_MODULES = 64, MOST_SEGMENTS = 64 };

static struct module modules[MOST_MODULES];
static unsigned next_module;

static bool is_still_there(const struct module *module)
{
    return readable((const void *)module->head, sizeof module->first) &&
           memcmp((const void *)module->head, module->first, sizeof module->first) == 0;
}

static struct module *find_known(uint64_t address)
{
    for (unsigned i = 0; i < MOST_MODULES; i++) {
        struct module *module = &modules[i];
        if (address < module->start || address >= module->end)
            continue;
        if (is_still_there(module))
            return module;
        memset(module, 0, sizeof *module);
    }
    return NULL;
}

static void take_segment(struct module *module, const Elf64_Phdr *segment, uint64_t address)
{
    uint64_t start = module->bias + segment->p_vaddr, end = start + segment->p_memsz;
    if (segment->p_type == PT_LOAD && address >= start && address < end && (segment->p_flags & PF_X) != 0) {
        module->start = start;
        module->end = end;
        module->file_bias = start - segment->p_offset;
    }
    if (segment->p_type == PT_GNU_EH_FRAME)
        module->index = start;
}

/* The frames are in the segment that their index is in. */
static void take_frames(struct module *module, const Elf64_Phdr *segment)
{
    uint64_t start = module->bias + segment->p_vaddr, end = start + segment->p_filesz;
    if (segment->p_type != PT_LOAD || module->index < start || module->index >= end)
        return;
    module->frames = start;
    module->frames_end = end;
}

static bool read_segments(struct module *module, const struct maps_head *head, uint64_t address)
{
    Elf64_Ehdr header;
    Elf64_Phdr segments[MOST_SEGMENTS];
    if (head->length < sizeof header)
        return false;
    memcpy(&header, head->bytes, sizeof header);
    uint64_t bytes = (uint64_t)header.e_phnum * sizeof segments[0];
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_phentsize != sizeof segments[0] || header.e_phnum > MOST_SEGMENTS || header.e_phoff > head->length ||
        bytes > head->length - header.e_phoff)
        return false;
    memcpy(segments, head->bytes + header.e_phoff, bytes);
    for (unsigned i = 0; i < header.e_phnum; i++)
        if (segments[i].p_type == PT_LOAD && page_of(segments[i].p_offset) == 0)
            module->bias = (uint64_t)head->bytes - page_of(segments[i].p_vaddr);
    for (unsigned i = 0; i < header.e_phnum; i++)
        take_segment(module, &segments[i], address);
    for (unsigned i = 0; i < header.e_phnum; i++)
        take_frames(module, &segments[i]);
    return module->start != 0;
}

struct module *module_at(uint64_t address)
{
    static struct module found;
    struct maps_head head;
    uint64_t offset;
    struct module *known = find_known(address);
    if (known != NULL)
        return known;
    memset(&found, 0, sizeof found);
    if (!maps_find(address, found.path, sizeof found.path, &offset, &head) || head.length < sizeof found.first ||
        !read_segments(&found, &head, address))
        return NULL;
    found.head = (uint64_t)head.bytes;
    memcpy(found.first, head.bytes, sizeof found.first);
    found.build_id_bytes = (uint8_t)build_id_read(head.bytes, head.length, found.build_id, sizeof found.build_id);
    struct module *module = &modules[next_module++ % MOST_MODULES];
    *module = found;
    return module;
}
