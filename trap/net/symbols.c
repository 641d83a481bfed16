/* SPDX-License-Identifier: Apache-2.0 */
#include "symbols.h"

#include <elf.h>
#include <string.h>

/* Of a version that programs linked today don't get. */
enum { HIDDEN = 0x8000 };

/* ld.so has made absolute addresses of them, but for libraries whose headers can't be written. */
static const void *place_of(const struct dl_phdr_info *image, const ElfW(Dyn) * entry)
{
    uint64_t value = entry->d_un.d_ptr;
    return (const void *)(value < image->dlpi_addr ? image->dlpi_addr + value : value);
}

static const ElfW(Dyn) * dynamic_of(const struct dl_phdr_info *image)
{
    for (int i = 0; i < image->dlpi_phnum; i++)
        if (image->dlpi_phdr[i].p_type == PT_DYNAMIC)
            return (const ElfW(Dyn) *)(image->dlpi_addr + image->dlpi_phdr[i].p_vaddr);
    return NULL;
}

bool symbols_of(const struct dl_phdr_info *image, struct symbols *symbols)
{
    *symbols = (struct symbols){.base = image->dlpi_addr};
    for (const ElfW(Dyn) *entry = dynamic_of(image); entry != NULL && entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_SYMTAB)
            symbols->symbols = place_of(image, entry);
        else if (entry->d_tag == DT_STRTAB)
            symbols->names = place_of(image, entry);
        else if (entry->d_tag == DT_VERSYM)
            symbols->versions = place_of(image, entry);
        else if (entry->d_tag == DT_GNU_HASH)
            symbols->hash = place_of(image, entry);
    }
    return symbols->symbols != NULL && symbols->names != NULL && symbols->hash != NULL;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name != 0; name++)
        hash = hash * 33 + (uint8_t)*name;
    return hash;
}

static bool is_meant(const struct symbols *symbols, uint32_t index, const char *name)
{
    const ElfW(Sym) *symbol = &symbols->symbols[index];
    bool is_hidden = symbols->versions != NULL && symbols->versions[index] & HIDDEN;
    return !is_hidden && symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
           strcmp(symbols->names + symbol->st_name, name) == 0;
}

/* Buckets, first symbol that is in them, words of the filter; then the filter, buckets, and for each symbol its hash,
 * whose lowest bit ends a bucket (the format of binutils' bfd/elflink.c, which nothing else describes). */
struct filter_range symbols_function(const struct symbols *symbols, const char *name)
{
    const uint32_t *table = symbols->hash, buckets = table[0], first = table[1];
    const uint32_t *bucket = table + 4 + table[2] * (sizeof(ElfW(Addr)) / sizeof *table), *chain = bucket + buckets;
    uint32_t hash = hash_of(name), index = buckets > 0 ? bucket[hash % buckets] : 0;
    for (bool is_last = index < first; !is_last; index++) {
        uint32_t other = chain[index - first];
        is_last = other & 1;
        if ((other | 1) == (hash | 1) && is_meant(symbols, index, name)) {
            uint64_t start = symbols->base + symbols->symbols[index].st_value;
            return (struct filter_range){start, start + symbols->symbols[index].st_size};
        }
    }
    return (struct filter_range){0, 0};
}
