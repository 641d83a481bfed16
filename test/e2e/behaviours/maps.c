// SPDX-License-Identifier: Apache-2.0
// How a device can be mapped, and how not.
#include "faults.h"

#include <pthread.h>

static void twice(void)
{
    volatile uint8_t *first = map_device(), *second = map_device();
    REQUIRE(first != second);
    device_write32(first, 8, 0x12345678);
    REQUIRE(device_read32(second, 8) == 0x12345678);
    REQUIRE(munmap((void *)first, PAGE) == 0);
    use_device(second, 8);
}

static void often(void)
{
    for (int i = 0; i < 2000; i++) {
        volatile uint8_t *mapped = map_device();
        if (i % 100 == 0)
            use_device(mapped, 8);
        REQUIRE(munmap((void *)mapped, PAGE) == 0);
    }
}

static void closed_before_use(void)
{
    int fd = open_device(O_RDWR);
    volatile uint8_t *mapped = mmap(NULL, PAGE, BOTH, MAP_SHARED, fd, device_base);
    REQUIRE(mapped != MAP_FAILED && close(fd) == 0);
    use_device(mapped, 8);
}

static void odd_length(void)
{
    volatile uint8_t *mapped = map(NULL, 12, BOTH, MAP_SHARED);
    use_device(mapped, 8);
    use_device(mapped, PAGE - 4);
    REQUIRE(munmap((void *)mapped, 12) == 0);
    require_fault(mapped, false, SIGSEGV, SEGV_MAPERR);
}

static void refused(int fd, size_t length, int protection, int flags, off_t offset, int error)
{
    errno = 0;
    REQUIRE(mmap(NULL, length, protection, flags, fd, device_base + offset) == MAP_FAILED);
    REQUIRE(errno == error);
}

static void refused_requests(void)
{
    int fd = open_device(O_RDWR), read_only = open_device(O_RDONLY), write_only = open_device(O_WRONLY);
    refused(fd, PAGE, BOTH, MAP_SHARED, 4, EINVAL);
    refused(fd, 0, BOTH, MAP_SHARED, 0, EINVAL);
    refused(fd, PAGE, BOTH, 0, 0, EINVAL);
    refused(read_only, PAGE, BOTH, MAP_SHARED, 0, EACCES);
    refused(write_only, PAGE, PROT_WRITE, MAP_SHARED, 0, EACCES);
    refused(-1, PAGE, BOTH, MAP_SHARED, 0, EBADF);
    close(fd);
    refused(fd, PAGE, BOTH, MAP_SHARED, 0, EBADF);
}

static void beyond_the_device(void)
{
    volatile uint8_t *mapped = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
    use_device(mapped, PAGE - 4);
    require_fault(mapped + PAGE, false, SIGBUS, BUS_ADRERR);
    require_fault(mapped + PAGE, true, SIGBUS, BUS_ADRERR);
    use_device(mapped, 0);
}

static void read_only(void)
{
    void *mapped = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open_device(O_RDONLY), device_base);
    REQUIRE(mapped != MAP_FAILED);
    device_write32(map_device(), 8, 77);
    REQUIRE(device_read32(mapped, 8) == 77);
    require_fault((uint8_t *)mapped + 8, true, SIGSEGV, SEGV_ACCERR);
    REQUIRE(device_read32(mapped, 8) == 77);
    REQUIRE(mprotect(mapped, PAGE, BOTH) == -1 && errno == EACCES);
}

static void write_only(void)
{
    volatile uint8_t *mapped = map(NULL, PAGE, PROT_WRITE, MAP_SHARED);
    device_write32(mapped, 8, 78);
    REQUIRE(device_read32(map_device(), 8) == 78);
    // As hardware: x86 pages that can be written can be read.
    REQUIRE(device_read32(mapped, 8) == 78);
}

static void private_mapping(void)
{
    volatile uint8_t *mapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open_device(O_RDONLY), device_base);
    REQUIRE(mapped != MAP_FAILED);
    device_write32(map_device(), 8, 79);
    REQUIRE(device_read32(mapped, 8) == 79);
}

static void reused_by_libc(void)
{
    for (int i = 0; i < 20; i++) {
        volatile uint8_t *mapped = map_device();
        use_device(mapped, 8);
        REQUIRE(munmap((void *)mapped, PAGE) == 0);
        uint8_t *memory = malloc(1 << 20);
        memset(memory, i, 1 << 20);
        free(memory);
    }
}

static void by_number(void)
{
    int fd = open_device(O_RDWR);
    volatile uint8_t *mapped = MAP_BY_NUMBER(PAGE, BOTH, MAP_SHARED, fd, device_base);
    REQUIRE(mapped != MAP_FAILED && syscall(SYS_close, fd) == 0);
    use_device(mapped, 8);
    REQUIRE(syscall(SYS_mprotect, mapped, PAGE, PROT_READ) == 0);
    require_fault(mapped + 8, true, SIGSEGV, SEGV_ACCERR);
    REQUIRE(syscall(SYS_munmap, mapped, PAGE) == 0);
    require_fault(mapped + 8, false, SIGSEGV, SEGV_MAPERR);
}

static void across_the_end(void)
{
    uint8_t *area = mmap(NULL, 2 * PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    map(area, PAGE, BOTH, MAP_SHARED | MAP_FIXED);
    volatile uint64_t *across = (volatile uint64_t *)(area + PAGE - 4);
    *across = 0x1122334455667788;
    REQUIRE(*across == 0x1122334455667788 && device_read32(area, PAGE - 4) == 0x55667788);
    REQUIRE(*(volatile uint32_t *)(area + PAGE) == 0x11223344);
    REQUIRE(munmap(area + PAGE, PAGE) == 0);
    require_fault(area + PAGE, false, SIGSEGV, SEGV_MAPERR);
}

static void many(void)
{
    enum { MANY = 200 };
    volatile uint8_t *mapped[MANY];
    for (int i = 0; i < MANY; i++)
        mapped[i] = map_device();
    for (int i = 0; i < MANY; i += 10)
        use_device(mapped[i], 8);
}

// The addresses that one thread gives back are the next thread's.
static void *map_and_unmap(void *argument)
{
    uint64_t offset = (uint64_t)(uintptr_t)argument;
    for (int i = 0; i < 300; i++) {
        volatile uint8_t *mapped = map_device();
        use_device(mapped, offset);
        REQUIRE(munmap((void *)mapped, PAGE) == 0);
    }
    return NULL;
}

static void by_threads(void)
{
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++)
        REQUIRE(pthread_create(&threads[i], NULL, map_and_unmap, (void *)(i * 8)) == 0);
    for (int i = 0; i < 4; i++)
        REQUIRE(pthread_join(threads[i], NULL) == 0);
}

// The line of /proc/self/maps, or of another file like it, that begins at `mapped`.
static void require_line(const char *path, volatile uint8_t *mapped, const char *protection, off_t offset)
{
    char line[8192] = "", wanted[512], name[256];
    FILE *maps = fopen(path, "r");
    REQUIRE(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL && strtoull(line, NULL, 16) != (uintptr_t)mapped)
        line[0] = 0;
    fclose(maps);
    snprintf(wanted, sizeof wanted, "%08lx-%08lx %s %08llx ", (unsigned long)mapped, (unsigned long)mapped + PAGE,
             protection, (unsigned long long)offset);
    REQUIRE(strncmp(line, wanted, strlen(wanted)) == 0);
    REQUIRE(sscanf(line + 73, "%255s", name) == 1 && strcmp(name, device_path) == 0);
}

static void seen_in_maps(void)
{
    char path[64];
    volatile uint8_t *mapped = map_device();
    require_line("/proc/self/maps", mapped, "rw-s", device_base);
    require_line("/proc/self/smaps", mapped, "rw-s", device_base);
    snprintf(path, sizeof path, "/proc/%d/maps", (int)getpid());
    REQUIRE(mprotect((void *)mapped, PAGE, PROT_READ) == 0);
    require_line(path, mapped, "r--s", device_base);
    REQUIRE(munmap((void *)mapped, PAGE) == 0);
    mapped = map(NULL, PAGE, BOTH, MAP_PRIVATE);
    require_line("/proc/thread-self/maps", mapped, "rw-p", device_base);
}

// Everything that it had is there still, in ascending order.
static void maps_are_whole(void)
{
    volatile uint8_t *mapped = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
    char line[8192];
    uint64_t last = 0, lines = 0;
    REQUIRE(mprotect((void *)(mapped + PAGE), PAGE, PROT_READ) == 0);
    int descriptor = open("/proc/self/maps", O_RDONLY);
    FILE *maps = fdopen(descriptor, "r");
    bool has_first = false, has_second = false, has_own = false;
    for (; fgets(line, sizeof line, maps) != NULL; lines++) {
        char *behind;
        uint64_t start = strtoull(line, &behind, 16), end = strtoull(behind + 1, &behind, 16);
        REQUIRE(start >= last && end > start && *behind == ' ');
        last = end;
        has_first = has_first || (start == (uintptr_t)mapped && end == start + PAGE && strstr(line, " rw-s "));
        has_second = has_second || (start == (uintptr_t)mapped + PAGE && strstr(line, " r--s "));
        has_own = has_own ||
                  (start <= (uintptr_t)maps_are_whole && end > (uintptr_t)maps_are_whole && strstr(line, "r-xp"));
    }
    REQUIRE(has_first && has_second && has_own && lines > 5);
}

// More than any table of a fixed size would hold; what is unmapped among them is gone, what is left works.
static void very_many(void)
{
    enum { MAPPINGS = 3000 };
    static volatile uint8_t *mapped[MAPPINGS];
    for (int i = 0; i < MAPPINGS; i++)
        mapped[i] = map_device();
    for (int i = 0; i < MAPPINGS; i += 2)
        REQUIRE(munmap((void *)mapped[i], PAGE) == 0);
    for (int i = 1; i < MAPPINGS; i += 2)
        REQUIRE(mprotect((void *)mapped[i], PAGE, i % 4 == 1 ? PROT_READ : BOTH) == 0);
    for (int i = 3; i < MAPPINGS; i += 500)
        use_device(mapped[i], 4 * (uint64_t)(i % 64));
    REQUIRE(device_read32(mapped[1], 0) == device_read32(mapped[MAPPINGS - 1], 0));
}

const struct behaviour behaviours[] = {
    {.name = "two mappings of one device", .show = twice},
    {.name = "mapped and unmapped 2,000 times", .show = often},
    {.name = "mapped and unmapped by four threads", .show = by_threads},
    {.name = "200 mappings", .show = many},
    {.name = "closed before it is used", .show = closed_before_use},
    {.name = "a length that is no multiple of the page", .show = odd_length},
    {.name = "what mmap refuses", .show = refused_requests},
    {.name = "a length beyond the device", .show = beyond_the_device},
    {.name = "PROT_READ", .show = read_only},
    {.name = "PROT_WRITE alone", .show = write_only},
    {.name = "MAP_PRIVATE", .show = private_mapping},
    {.name = "its addresses used again by malloc", .show = reused_by_libc},
    {.name = "mmap, mprotect, munmap by the raw system calls", .show = by_number},
    {.name = "an access across the end of the mapping", .show = across_the_end},
    {.name = "its place in /proc/self/maps", .show = seen_in_maps},
    {.name = "/proc/self/maps beside it", .show = maps_are_whole},
    {.name = "thousands of times", .show = very_many},
    {.name = NULL},
};
