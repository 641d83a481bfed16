/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "ground/page.h"
#include "ground/real.h"

/* `syscall` (Intel SDM volume 2, SYSCALL); the kernel gives the address behind it. */
static const uint8_t instruction[] = {0x0f, 0x05};
enum { LENGTH = sizeof instruction };

/* A program at a fixed address is looked through up to this size. */
enum { MOST_TEXT = 64 << 20 };

typedef void visit(uint64_t address, void *argument);

/* By the rarer byte of the two, which memchr finds faster than memmem a pair. */
static void visit_calls(struct filter_range text, visit *visitor, void *argument)
{
    const uint8_t *at = (const uint8_t *)text.start + 1, *end = (const uint8_t *)text.end;
    while (at < end && (at = memchr(at, instruction[1], (size_t)(end - at))) != NULL) {
        at++;
        if (at[-LENGTH] == instruction[0])
            visitor((uint64_t)at, argument);
    }
}

/* A part of `image` that can be run; the last one, for libraries have one. */
static struct filter_range text_of(const struct dl_phdr_info *image)
{
    struct filter_range text = {0, 0};
    for (int i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &image->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && part->p_flags & PF_X)
            text = (struct filter_range){image->dlpi_addr + part->p_vaddr,
                                         image->dlpi_addr + part->p_vaddr + part->p_memsz};
    }
    return text;
}

/* What is looked for among the images: the first one is the program. */
struct images {
    uint64_t in_libc;
    struct filter_range program, libc, loader;
    bool is_program_movable, has_program;
};

static bool is_inside(struct filter_range range, uint64_t address)
{
    return address >= range.start && address < range.end;
}

static int look_at(struct dl_phdr_info *image, size_t size, void *argument)
{
    struct images *images = argument;
    struct filter_range text = text_of(image);
    (void)size;
    if (!images->has_program) {
        images->program = text;
        images->is_program_movable = image->dlpi_addr != 0;
        images->has_program = true;
    } else if (image->dlpi_addr == getauxval(AT_BASE)) {
        images->loader = text;
    } else if (is_inside(text, images->in_libc)) {
        images->libc = text;
    }
    return 0;
}

static void note_offset(uint64_t address, void *argument)
{
    struct filter_places *places = argument;
    uint16_t offset = (uint16_t)(address % PAGE_BYTES);
    for (size_t i = 0; i < places->loader_count; i++)
        if (places->loader[i] == offset)
            return;
    if (places->loader_count < FILTER_MAX_OFFSETS)
        places->loader[places->loader_count] = offset;
    places->loader_count++;
}

static void note_shared(struct filter_places *places, uint64_t address)
{
    if (places->shared_count < FILTER_MAX_ADDRESSES)
        places->shared[places->shared_count] = address;
    places->shared_count++;
}

/* Looks into each page of libc's at the loader's offsets only. */
static void find_shared(struct filter_places *places)
{
    for (uint64_t page = page_of(places->libc.start); page < places->libc.end; page += PAGE_BYTES)
        for (size_t i = 0; i < places->loader_count; i++) {
            uint64_t address = page + places->loader[i];
            if (address >= places->libc.start + LENGTH && address <= places->libc.end &&
                memcmp((const void *)(address - LENGTH), instruction, LENGTH) == 0)
                note_shared(places, address);
        }
}

static void note_own(uint64_t address, void *argument)
{
    struct filter_places *places = argument;
    if (places->own_count < FILTER_MAX_ADDRESSES)
        places->own[places->own_count] = address;
    places->own_count++;
}

/* A function of libc's. */
static struct filter_range function(void *address)
{
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    struct filter_range none = {0, 0};
    if (address == NULL || dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) == 0 || symbol == NULL)
        return none;
    return (struct filter_range){(uint64_t)address, (uint64_t)address + symbol->st_size};
}

/* Programs that the kernel may put anywhere lie where no loader ever does; one at a fixed address shares that with
 * programs without a loader, so only its own instructions count. */
static void find_program(const struct images *images, struct filter_places *places)
{
    size_t before = places->own_count;
    if (images->is_program_movable) {
        places->program[0] = images->program;
        return;
    }
    if (images->program.end - images->program.start <= MOST_TEXT)
        visit_calls(images->program, note_own, places);
    if (places->own_count <= FILTER_MAX_ADDRESSES)
        return;
    places->own_count = before;
    places->program[0] = images->program;
}

bool places_find(struct filter_places *places)
{
    struct images images = {.in_libc = (uint64_t)REAL(syscall)};
    memset(places, 0, sizeof *places);
    dl_iterate_phdr(look_at, &images);
    if (images.libc.end == 0 || images.loader.end == 0)
        return false;
    places->libc = images.libc;
    /* What a child of posix_spawn(3) opens with, all signals blocked, which no filter may stop then (seccomp(2)). */
    places->spared = function(dlsym(RTLD_NEXT, "__open_nocancel"));
    if (places->spared.end == 0)
        return false;
    visit_calls(images.loader, note_offset, places);
    if (places->loader_count > FILTER_MAX_OFFSETS)
        return false;
    find_shared(places);
    visit_calls(function((void *)images.in_libc), note_own, places);
    visit_calls(function((void *)REAL(close)), note_own, places);
    find_program(&images, places);
    return places->shared_count <= FILTER_MAX_ADDRESSES;
}
