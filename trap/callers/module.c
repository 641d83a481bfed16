/* SPDX-License-Identifier: Apache-2.0 */
#include "module.h"

#include <elf.h>
#include <string.h>

#include "ground/build_id.h"
#include "ground/maps.h"
#include "ground/page.h"
#include "ground/table.h"
#include "reads.h"
#include "ground/signal_safe.h"

/* A host with more has the one that was found first looked for anew. */
enum { MOST_MODULES = 64, MOST_SEGMENTS = 64 };

static struct module *modules;
static unsigned next_module;

bool module_init(void)
{
    modules = table_make(MOST_MODULES * sizeof *modules);
    return modules != NULL;
}

static bool is_still_there(const struct module *module)
{
    return reads_allow(module->head, sizeof module->first) &&
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
    if (segment->p_type == PT_DYNAMIC)
        module->dynamic = start;
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

/* What of PT_DYNAMIC leads to names. */
struct names {
    uint64_t symbols, texts, hash;
};

/* glibc has made addresses of offsets, other loaders leave them. */
static uint64_t to_address(const struct module *module, uint64_t value)
{
    return value < module->bias ? module->bias + value : value;
}

static bool find_names(const struct module *module, struct names *names)
{
    enum { MOST_ENTRIES = 128 };
    Elf64_Dyn entry = {0};
    memset(names, 0, sizeof *names);
    for (unsigned i = 0; i < MOST_ENTRIES && module->dynamic != 0; i++) {
        if (!reads_load(module->dynamic + i * sizeof entry, &entry, sizeof entry) || entry.d_tag == DT_NULL)
            break;
        uint64_t address = to_address(module, entry.d_un.d_ptr);
        if (entry.d_tag == DT_SYMTAB)
            names->symbols = address;
        else if (entry.d_tag == DT_STRTAB)
            names->texts = address;
        else if (entry.d_tag == DT_GNU_HASH)
            names->hash = address;
    }
    return names->symbols != 0 && names->texts != 0 && names->hash != 0;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name != 0; name++)
        hash = hash * 33 + (uint8_t)*name;
    return hash;
}

static bool is_named(const struct names *names, const Elf64_Sym *symbol, const char *name)
{
    char text[32];
    size_t size = strlen(name) + 1;
    return size <= sizeof text && reads_load(names->texts + symbol->st_name, text, size) &&
           memcmp(text, name, size) == 0;
}

/* DT_GNU_HASH: four words, a filter of 64-bit words, the first symbol of each bucket, then the hashes of all symbols,
 * the last of each bucket with bit 0 set. */
uint64_t module_symbol(const struct module *module, const char *name)
{
    struct names names;
    struct {
        uint32_t buckets, first, filter_words, filter_shift;
    } head;
    uint32_t hash = hash_of(name), index = 0, other = 0;
    if (!find_names(module, &names) || !reads_load(names.hash, &head, sizeof head) || head.buckets == 0)
        return 0;
    uint64_t buckets = names.hash + sizeof head + 8ul * head.filter_words, hashes = buckets + 4ul * head.buckets;
    if (!reads_load(buckets + 4ul * (hash % head.buckets), &index, sizeof index) || index < head.first)
        return 0;
    for (; (other & 1) == 0; index++) {
        Elf64_Sym symbol;
        if (!reads_load(hashes + 4ul * (index - head.first), &other, sizeof other))
            return 0;
        if ((other | 1) == (hash | 1) && reads_load(names.symbols + index * sizeof symbol, &symbol, sizeof symbol) &&
            symbol.st_shndx != SHN_UNDEF && is_named(&names, &symbol, name))
            return module->bias + symbol.st_value;
    }
    return 0;
}
