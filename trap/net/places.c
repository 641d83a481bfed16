/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"

#include <Zydis/Decoder.h>
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
#include "sites.h"
#include "symbols.h"

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

static bool is_inside(struct filter_range range, uint64_t address)
{
    return address >= range.start && address < range.end;
}

static void note_own(uint64_t address, void *argument)
{
    struct filter_places *places = argument;
    if (places->own_count < FILTER_MAX_ADDRESSES)
        places->own[places->own_count++] = address;
    else
        places->has_more = true;
}

/* What was found in an image counts as long as it is there: by where it lies and what it is called. */
struct known {
    uint64_t base, name;
};
enum { MOST_KNOWN = 512 };
static struct known known[MOST_KNOWN];
static size_t known_count;
static unsigned long long known_loads;

/* FNV-1a (draft-eastlake-fnv). */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *text != 0; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3;
    return hash;
}

/* Notes it. Where there is no room for more they are looked through again each time. */
static bool is_known(const struct dl_phdr_info *image)
{
    const struct known it = {image->dlpi_addr, hash_of(image->dlpi_name)};
    for (size_t i = 0; i < known_count; i++)
        if (known[i].base == it.base && known[i].name == it.name)
            return true;
    if (known_count < MOST_KNOWN)
        known[known_count++] = it;
    return false;
}

/* What checkers are linked with: their own calls are about nobody's device, and come where nothing may be stopped. The
 * kernel's page and the loader are no part of the host, nor are we with what we bring. */
static bool makes_calls_of_the_host(const struct dl_phdr_info *image, struct filter_range text)
{
    static const char *const checkers[] = {"libasan.so", "libhwasan.so", "liblsan.so", "libtsan.so", "libubsan.so"};
    const char *slash = strrchr(image->dlpi_name, '/'), *name = slash != NULL ? slash + 1 : image->dlpi_name;
    for (size_t i = 0; i < sizeof checkers / sizeof checkers[0]; i++)
        if (strncmp(name, checkers[i], strlen(checkers[i])) == 0)
            return false;
    return image->dlpi_addr != getauxval(AT_BASE) && image->dlpi_addr != getauxval(AT_SYSINFO_EHDR) &&
           !is_inside(text, (uint64_t)sites_find) && !is_inside(text, (uint64_t)ZydisDecoderInit);
}

/* What is looked for among the images: the first one is the program. */
struct images {
    uint64_t in_libc;
    struct filter_range program, libc;
    struct symbols functions; /* of libc */
    bool is_program_movable, has_program, has_functions;
    struct filter_places *places;
};

static int look_at(struct dl_phdr_info *image, size_t size, void *argument)
{
    struct images *images = argument;
    struct filter_range text = text_of(image);
    (void)size;
    known_loads = image->dlpi_adds;
    if (!images->has_program) {
        images->program = text;
        images->is_program_movable = image->dlpi_addr != 0;
        images->has_program = true;
        return 0;
    }
    if (is_inside(text, images->in_libc)) {
        images->libc = text;
        images->has_functions = symbols_of(image, &images->functions);
    } else if (!is_known(image) && makes_calls_of_the_host(image, text))
        sites_find(text, note_own, images->places);
    return 0;
}

static int has_new(struct dl_phdr_info *image, size_t size, void *argument)
{
    (void)size;
    *(bool *)argument = image->dlpi_adds != known_loads;
    return 1;
}

void places_find_new(struct filter_places *places)
{
    struct images images = {.in_libc = (uint64_t)REAL(syscall), .places = places};
    bool is_different = false;
    places->own_count = 0;
    if (second_world_is_there) /* whose images are none of the host's */
        return;
    dl_iterate_phdr(has_new, &is_different);
    if (is_different)
        dl_iterate_phdr(look_at, &images);
}

void places_find_in(struct filter_range code, struct filter_places *places)
{
    places->own_count = 0;
    sites_find(code, note_own, places);
}

/* Programs that the kernel may put anywhere lie where no loader ever does; one at a fixed address shares that with
 * programs without a loader, so only its own instructions count. */
static void find_program(const struct images *images, struct filter_places *places)
{
    if (images->is_program_movable)
        places->program = images->program;
    else
        sites_find(images->program, note_own, places);
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
        struct filter_range range = symbols_function(&images->functions, *names);
        size_t calls = 0;
        if (range.end == 0)
            continue;
        sites_find(range, count_call, &calls);
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
    memset(places, 0, sizeof *places);
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
    struct images images = {.in_libc = (uint64_t)REAL(syscall), .places = places};
    memset(places, 0, sizeof *places);
    dl_iterate_phdr(look_at, &images);
    if (!images.has_functions)
        return false;
    /* What a child of posix_spawn(3) opens with, all signals blocked, which no filter may stop then (seccomp(2)). */
    places->spared = symbols_function(&images.functions, "__open_nocancel");
    if (places->spared.end == 0)
        return false;
    places->libc = images.libc;
    places->kernel = kernels(getauxval(AT_SYSINFO_EHDR));
    find_functions(&images, opening, &places->opening);
    find_functions(&images, moving, &places->moving);
    sites_find(symbols_function(&images.functions, "syscall"), note_own, places);
    sites_find(symbols_function(&images.functions, "close"), note_own, places);
    find_program(&images, places);
    return true;
}
