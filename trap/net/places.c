/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/second_world.h"
#include "known_sites.h"
#include "symbols.h"

static struct filter_range range_of(const struct dl_phdr_info *image, const ElfW(Phdr) * part)
{
    uint64_t start = image->dlpi_addr + part->p_vaddr;
    return (struct filter_range){start, start + part->p_memsz};
}

static bool can_be_run(const ElfW(Phdr) * part)
{
    return part->p_type == PT_LOAD && part->p_flags & PF_X;
}

/* From the first part of `image` that can be run to the end of the last; nearly all have one. */
static struct filter_range text_of(const struct dl_phdr_info *image)
{
    struct filter_range text = {0, 0};
    for (int i = 0; i < image->dlpi_phnum; i++) {
        struct filter_range part = range_of(image, &image->dlpi_phdr[i]);
        if (can_be_run(&image->dlpi_phdr[i]))
            text = (struct filter_range){text.end == 0 ? part.start : text.start, part.end};
    }
    return text;
}

static bool is_inside(struct filter_range range, uint64_t address)
{
    return address >= range.start && address < range.end;
}

/* One with many calls as a whole, for there is room for so many addresses. False if there is none for that either. */
static bool note_own(const struct known_file *file, struct filter_range text, struct filter_places *places)
{
    struct sites found = {.count = 0};
    known_sites_find(file, text, KNOWN_ALL, &found);
    if (found.count <= SITES_FEW && places->own_count + found.count <= FILTER_MAX_ADDRESSES) {
        memcpy(places->own + places->own_count, found.first, found.count * sizeof *found.first);
        places->own_count += found.count;
        return true;
    }
    if (places->wide_count == FILTER_MAX_RANGES)
        return false;
    places->wide[places->wide_count++] = text;
    return true;
}

/* Code in this process that makes no calls for the host, or whose calls are told by its functions. */
enum { MOST_OTHERS = 16 };
static struct filter_range others[MOST_OTHERS];
static size_t other_count;

static void note_other(struct filter_range text)
{
    if (other_count < MOST_OTHERS)
        others[other_count++] = text;
}

bool places_are_of_host(struct filter_range code)
{
    for (size_t i = 0; i < other_count; i++)
        if (code.start < others[i].end && others[i].start < code.end)
            return false;
    return true;
}

bool places_are_of_checker(const char *file)
{
    static const char *const checkers[] = {"libasan.so", "libhwasan.so", "liblsan.so", "libtsan.so", "libubsan.so"};
    const char *slash = strrchr(file, '/'), *name = slash != NULL ? slash + 1 : file;
    for (size_t i = 0; i < sizeof checkers / sizeof checkers[0]; i++)
        if (strncmp(name, checkers[i], strlen(checkers[i])) == 0)
            return true;
    return false;
}

/* Also where it was started as a program. */
static bool is_linker(const struct dl_phdr_info *image)
{
    return image->dlpi_addr == _r_debug.r_ldbase;
}

/* The kernel's page and the loader are no part of the host, nor are we. */
static bool makes_calls_of_the_host(const struct dl_phdr_info *image, struct filter_range text)
{
    return !is_linker(image) && image->dlpi_addr != getauxval(AT_SYSINFO_EHDR) &&
           !is_inside(text, (uint64_t)places_find) && !places_are_of_checker(image->dlpi_name);
}

/* What is looked for among the images: the first one is the program. */
struct images {
    uint64_t in_libc;
    struct filter_range libc, linker;
    struct known_file libc_file, linker_file;
    struct symbols functions; /* of libc */
    bool has_program, has_functions, has_room;
    struct filter_places *places;
};
static struct images images;

static bool note_parts(const struct dl_phdr_info *image, struct filter_places *places)
{
    struct known_file file = known_file_of(image);
    bool has_room = true;
    for (int i = 0; i < image->dlpi_phnum; i++)
        if (can_be_run(&image->dlpi_phdr[i]))
            has_room = note_own(&file, range_of(image, &image->dlpi_phdr[i]), places) && has_room;
    return has_room;
}

/* Programs that the kernel may put anywhere lie where no loader ever does; one at a fixed address shares that with
 * programs without a loader, so only its own instructions count, if they are few. */
static int look_at(struct dl_phdr_info *image, size_t size, void *argument)
{
    struct filter_range text = text_of(image);
    bool is_program = !images.has_program, is_libc = is_inside(text, images.in_libc);
    (void)size, (void)argument;
    images.has_program = true;
    if (is_program && image->dlpi_addr != 0) {
        images.places->program = text;
    } else if (is_program || (!is_libc && makes_calls_of_the_host(image, text))) {
        images.has_room = note_parts(image, images.places) && images.has_room;
    } else {
        note_other(text);
    }
    if (is_libc) {
        images.libc = text;
        images.libc_file = known_file_of(image);
        images.has_functions = symbols_of(image, &images.functions);
    } else if (is_linker(image)) {
        images.linker = text;
        images.linker_file = known_file_of(image);
    }
    return 0;
}

/* Where libc has its waiting calls in one place (2.41 and newer), a function has none of its own: libc is one then. */
static void find_functions(const char *const names[], struct filter_functions *functions)
{
    for (; *names != NULL; names++) {
        struct filter_range range = symbols_function(&images.functions, *names);
        struct sites calls = {.count = 0};
        if (range.end == 0)
            continue;
        known_sites_find(&images.libc_file, range, KNOWN_ALL, &calls);
        if (calls.count == 0) {
            *functions = (struct filter_functions){.ranges = {images.libc}, .count = 1};
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

/* What makes code runnable. */
static const char *const running[] = {"mmap64", "mprotect", "pkey_mprotect", NULL};

/* The loader has no names for its calls. Its places are as few as can be: that of the next program must not make them
 * where this one's did (filter.h). */
static void find_linker(struct filter_functions *functions)
{
    struct sites calls = {.count = 0};
    known_sites_find(&images.linker_file, images.linker, KNOWN_MAPPING, &calls);
    for (size_t i = 0; i < calls.count && functions->count < FILTER_MAX_FUNCTIONS; i++)
        functions->ranges[functions->count++] = (struct filter_range){calls.first[i], calls.first[i] + 1};
    if (calls.count == 0)
        functions->ranges[functions->count++] = images.linker;
}

/* The headers of an image that the kernel has mapped, and where it has put it. */
static struct filter_range text_at(uint64_t headers, unsigned count, uint64_t start)
{
    struct dl_phdr_info image = {
        .dlpi_addr = start, .dlpi_phdr = (const void *)headers, .dlpi_phnum = (ElfW(Half))count};
    for (unsigned i = 0; i < count; i++)
        if (image.dlpi_phdr[i].p_type == PT_PHDR)
            image.dlpi_addr = headers - image.dlpi_phdr[i].p_vaddr;
    return text_of(&image);
}

/* Code of the kernel's, if it has given the program any. */
static struct filter_range kernels(uint64_t start)
{
    enum { PAGES = 2 };
    return (struct filter_range){start, start == 0 ? 0 : start + PAGES * PAGE_BYTES};
}

/* What the kernel has told this process's program (getauxval(3)), which libc here was told otherwise. */
static void read_auxiliary(uint64_t *headers, uint64_t *count, uint64_t *loader, uint64_t *kernel)
{
    ElfW(auxv_t) all[64] = {0};
    int file = (int)raw_syscall(SYS_open, "/proc/self/auxv", O_RDONLY | O_CLOEXEC);
    raw_syscall(SYS_read, file, all, sizeof all - sizeof all[0]);
    raw_syscall(SYS_close, file);
    for (int i = 0; all[i].a_type != AT_NULL; i++) {
        uint64_t value = all[i].a_un.a_val;
        *headers = all[i].a_type == AT_PHDR ? value : *headers;
        *count = all[i].a_type == AT_PHNUM ? value : *count;
        *loader = all[i].a_type == AT_BASE ? value : *loader;
        *kernel = all[i].a_type == AT_SYSINFO_EHDR ? value : *kernel;
    }
}

static bool is_movable(uint64_t start)
{
    return ((const ElfW(Ehdr) *)start)->e_type == ET_DYN;
}

/* All of its code, of which much may make calls: what comes to lie at the same addresses has the agent before it
 * begins, too. */
bool places_find_second(struct filter_places *places)
{
    uint64_t headers = 0, count = 0, loader = 0, kernel = 0;
    read_auxiliary(&headers, &count, &loader, &kernel);
    places->kernel = kernels(kernel);
    uint64_t start = page_of(headers);
    if (!readable((const void *)start, SELFMAG) || memcmp((const void *)start, ELFMAG, SELFMAG) != 0)
        return false;
    places->program = text_at(headers, (unsigned)count, is_movable(start) ? start : 0);
    const ElfW(Ehdr) *head = (const ElfW(Ehdr) *)loader;
    if (loader != 0)
        places->loader = text_at(loader + head->e_phoff, head->e_phnum, loader);
    return true;
}

bool places_find(struct filter_places *places)
{
    images.in_libc = (uint64_t)REAL(syscall);
    images.has_room = true;
    images.places = places;
    dl_iterate_phdr(look_at, NULL);
    if (!images.has_functions || !images.has_room)
        return false;
    /* What a child of posix_spawn(3) opens with, all signals blocked, which no filter may stop then (seccomp(2)). */
    places->spared = symbols_function(&images.functions, "__open_nocancel");
    if (places->spared.end == 0)
        return false;
    places->libc = images.libc;
    places->kernel = kernels(getauxval(AT_SYSINFO_EHDR));
    find_functions(opening, &places->opening);
    find_functions(running, &places->running);
    find_linker(&places->running);
    return note_own(&images.libc_file, symbols_function(&images.functions, "syscall"), places) &&
           note_own(&images.libc_file, symbols_function(&images.functions, "close"), places);
}

void places_find_moving(struct filter_places *places)
{
    if (images.has_functions)
        find_functions(moving, &places->moving);
}
