/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

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
    struct filter_range program, libc;
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
    } else if (is_inside(text, images->in_libc)) {
        images->libc = text;
    }
    return 0;
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
        places->program = images->program;
        return;
    }
    if (images->program.end - images->program.start <= MOST_TEXT)
        visit_calls(images->program, note_own, places);
    if (places->own_count <= FILTER_MAX_ADDRESSES)
        return;
    places->own_count = before;
    places->program = images->program;
}

static void count_call(uint64_t address, void *argument)
{
    (void)address;
    ++*(size_t *)argument;
}

/* Where libc has its waiting calls in one place (2.41 and newer), a function has none of its own: libc is one then. */
static void find_functions(const struct images *images, const char *const names[], struct filter_functions *functions)
{
    for (; *names != NULL; names++) {
        struct filter_range range = function(dlsym(RTLD_NEXT, *names));
        size_t calls = 0;
        if (range.end == 0)
            continue;
        visit_calls(range, count_call, &calls);
        if (calls == 0) {
            *functions = (struct filter_functions){.ranges = {images->libc}, .count = 1};
            return;
        }
        functions->ranges[functions->count++] = range;
    }
}

/* What the streams of libc and its other functions come to as well. */
static const char *const opening[] = {"open64", "openat64", "creat64", NULL};

static const char *const moving[] = {
    "read",
    "write",
    "pread64",
    "pwrite64",
    "readv",
    "writev",
    "preadv64",
    "pwritev64",
    "preadv64v2",
    "pwritev64v2",
    "lseek64",
    "ioctl",
    "ftruncate64",
    "fallocate64",
    "sendfile64",
    "splice",
    "copy_file_range",
    "mmap64",
    "__read_nocancel",
    "__write_nocancel",
    "__pread64_nocancel",
    NULL,
};

bool places_find(struct filter_places *places)
{
    struct images images = {.in_libc = (uint64_t)REAL(syscall)};
    memset(places, 0, sizeof *places);
    dl_iterate_phdr(look_at, &images);
    /* What a child of posix_spawn(3) opens with, all signals blocked, which no filter may stop then (seccomp(2)). */
    places->spared = function(dlsym(RTLD_NEXT, "__open_nocancel"));
    if (images.libc.end == 0 || places->spared.end == 0)
        return false;
    find_functions(&images, opening, &places->opening);
    find_functions(&images, moving, &places->moving);
    visit_calls(function((void *)images.in_libc), note_own, places);
    visit_calls(function((void *)REAL(close)), note_own, places);
    find_program(&images, places);
    return true;
}
