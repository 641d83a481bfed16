/* SPDX-License-Identifier: Apache-2.0 */
#include "build_id.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "signal_safe.h"

static bool is_within(uint64_t offset, uint64_t size, size_t length)
{
    return offset <= length && size <= length - offset;
}

/* Name and description of a note are padded to 4 bytes (System V ABI, note section). */
static uint64_t padded(uint32_t size)
{
    return ((uint64_t)size + 3) & ~(uint64_t)3;
}

static size_t find_in_notes(const uint8_t *notes, uint64_t length, uint8_t *id, size_t size)
{
    Elf64_Nhdr note;
    while (length >= sizeof note) {
        memcpy(&note, notes, sizeof note);
        uint64_t name = sizeof note, description = name + padded(note.n_namesz),
                 end = description + padded(note.n_descsz);
        if (end > length)
            return 0;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0) {
            if (note.n_descsz > size)
                return 0;
            memcpy(id, notes + description, note.n_descsz);
            return note.n_descsz;
        }
        notes += end;
        length -= end;
    }
    return 0;
}

size_t build_id_read(const uint8_t *head, size_t length, uint8_t *id, size_t size)
{
    Elf64_Ehdr header;
    if (length < sizeof header)
        return 0;
    memcpy(&header, head, sizeof header);
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_phentsize != sizeof(Elf64_Phdr))
        return 0;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        uint64_t at = header.e_phoff + i * sizeof segment;
        if (!is_within(header.e_phoff, (i + 1) * sizeof segment, length))
            return 0;
        memcpy(&segment, head + at, sizeof segment);
        if (segment.p_type != PT_NOTE || !is_within(segment.p_offset, segment.p_filesz, length))
            continue;
        size_t found = find_in_notes(head + segment.p_offset, segment.p_filesz, id, size);
        if (found != 0)
            return found;
    }
    return 0;
}
