/* SPDX-License-Identifier: Apache-2.0 */
#include "known_sites.h"

#include <stdbool.h>
#include <string.h>

#include "ground/build_id.h"
#include "ground/ledger.h"

/* Shorter ones are no hashes (ld, --build-id=0x…). */
enum { LEAST_ID = 16, MOST_ID = 64 };

/* As FNV-1a (draft-eastlake-fnv), but of words instead of bytes, whose upper halves are folded into the lower, where a
 * multiplication alone would never bring them. */
static uint64_t hash_on(uint64_t hash, const void *bytes, size_t length)
{
    for (const uint8_t *from = bytes; length > 0;) {
        uint64_t word = 0;
        size_t size = length < sizeof word ? length : sizeof word;
        memcpy(&word, from, size);
        hash = (hash ^ word) * 0x100000001b3;
        hash ^= hash >> 32;
        from += size;
        length -= size;
    }
    return hash;
}

/* The first part of a file, which holds its headers and the build ID. */
static const ElfW(Phdr) * head_of(const struct dl_phdr_info *image)
{
    for (int i = 0; i < image->dlpi_phnum; i++)
        if (image->dlpi_phdr[i].p_type == PT_LOAD)
            return image->dlpi_phdr[i].p_offset == 0 ? &image->dlpi_phdr[i] : NULL;
    return NULL;
}

struct known_file known_file_of(const struct dl_phdr_info *image)
{
    struct known_file file = {.base = image->dlpi_addr};
    const ElfW(Phdr) *head = head_of(image);
    uint8_t id[MOST_ID];
    size_t length = head == NULL
                        ? 0
                        : build_id_read((const uint8_t *)image->dlpi_addr + head->p_vaddr, head->p_filesz, id, MOST_ID);
    if (length < LEAST_ID)
        return file;
    file.key = hash_on(hash_on(0xcbf29ce484222325, id, length), image->dlpi_phdr,
                       image->dlpi_phnum * sizeof *image->dlpi_phdr);
    return file;
}

void known_sites_find(const struct known_file *file, struct filter_range text, enum known_kind kind,
                      struct sites *sites)
{
    const uint64_t part[] = {text.start - file->base, text.end - file->base, (uint64_t)kind};
    uint64_t key = hash_on(file->key, part, sizeof part);
    uint32_t found[SITES_FEW];
    const uint32_t *offsets = file->key != 0 ? ledger_found(key, &sites->count) : NULL;
    bool is_known = offsets != NULL && sites->count <= SITES_FEW;
    for (size_t i = 0; is_known && i < sites->count; i++)
        sites->first[i] = text.start + offsets[i];
    if (is_known)
        return;
    sites->count = 0;
    if (kind == KNOWN_MAPPING)
        sites_find_mapping(text, sites);
    else
        sites_find(text, sites);
    if (file->key == 0 || key == 0 || sites->count > SITES_FEW || text.end - text.start > UINT32_MAX)
        return;
    for (size_t i = 0; i < sites->count; i++)
        found[i] = (uint32_t)(sites->first[i] - text.start);
    ledger_note_found(key, found, sites->count);
}
