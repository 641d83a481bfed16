// SPDX-License-Identifier: Apache-2.0
// What is done with a mapping afterwards: split, moved, closed and opened, covered and uncovered.
#include <sys/syscall.h>

#include "faults.h"

static void protected_and_back(void)
{
    volatile uint8_t *mapped = map_device();
    for (int i = 0; i < 2; i++) {
        use_device(mapped, 8);
        REQUIRE(mprotect((void *)mapped, PAGE, PROT_NONE) == 0);
        require_fault(mapped + 8, false, SIGSEGV, SEGV_ACCERR);
        REQUIRE(mprotect((void *)mapped, PAGE, PROT_READ) == 0);
        device_read32(mapped, 8);
        require_fault(mapped + 8, true, SIGSEGV, SEGV_ACCERR);
        REQUIRE(mprotect((void *)mapped, PAGE, BOTH) == 0);
    }
    use_device(mapped, 8);
    REQUIRE(device_read32(map_device(), 8) == device_read32(mapped, 8));
}

static void protected_with_neighbours(void)
{
    uint8_t *area = mmap(NULL, 3 * PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    map(area + PAGE, PAGE, BOTH, MAP_SHARED | MAP_FIXED);
    REQUIRE(mprotect(area, 3 * PAGE, PROT_READ) == 0);
    for (int page = 0; page < 3; page++)
        require_fault(area + page * PAGE, true, SIGSEGV, SEGV_ACCERR);
    REQUIRE(mprotect(area, 3 * PAGE, BOTH) == 0);
    for (int page = 0; page < 3; page++)
        use_device(area + page * PAGE, 8);
    REQUIRE(device_read32(map_device(), 8) == device_read32(area + PAGE, 8));
}

static void unmapped(void)
{
    volatile uint8_t *mapped = map_device();
    use_device(mapped, 8);
    REQUIRE(munmap((void *)mapped, PAGE) == 0);
    require_fault(mapped + 8, false, SIGSEGV, SEGV_MAPERR);
}

static void unmapped_in_part(void)
{
    volatile uint8_t *mapped = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
    REQUIRE(munmap((void *)(mapped + PAGE), PAGE) == 0);
    require_fault(mapped + PAGE, false, SIGSEGV, SEGV_MAPERR);
    use_device(mapped, PAGE - 4);
    mapped = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
    REQUIRE(munmap((void *)mapped, PAGE) == 0);
    require_fault(mapped, false, SIGSEGV, SEGV_MAPERR);
    require_fault(mapped + PAGE, false, SIGBUS, BUS_ADRERR);
}

static void over_a_reservation(void)
{
    uint8_t *area = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(map(area + PAGE, PAGE, BOTH, MAP_SHARED | MAP_FIXED) == area + PAGE);
    use_device(area + PAGE, 8);
    require_fault(area + 8, false, SIGSEGV, SEGV_ACCERR);
    require_fault(area + 2 * PAGE, false, SIGSEGV, SEGV_ACCERR);
    REQUIRE(munmap(area, 4 * PAGE) == 0);
    require_fault(area + PAGE + 8, false, SIGSEGV, SEGV_MAPERR);
}

static void not_over_another(void)
{
    volatile uint8_t *mapped = map_device();
    int flags = MAP_SHARED | MAP_FIXED_NOREPLACE;
    REQUIRE(mmap((void *)mapped, PAGE, BOTH, flags, open_device(O_RDWR), device_base) == MAP_FAILED && errno == EEXIST);
    REQUIRE(mmap((void *)mapped, PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
    use_device(mapped, 8);
}

static void covered_by_memory(void)
{
    volatile uint8_t *mapped = map_device(), *other = map_device();
    use_device(mapped, 8);
    uint32_t before = device_read32(other, 8);
    REQUIRE(mmap((void *)mapped, PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == mapped);
    REQUIRE(device_read32(mapped, 8) == 0);
    device_write32(mapped, 8, ~before);
    REQUIRE(device_read32(other, 8) == before);
    map((void *)mapped, PAGE, BOTH, MAP_SHARED | MAP_FIXED);
    REQUIRE(device_read32(mapped, 8) == before);
}

static void moved(void)
{
    uint8_t *area = mmap(NULL, 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile uint8_t *mapped = map_device();
    use_device(mapped, 8);
    uint32_t value = device_read32(mapped, 8);
    volatile uint8_t *there = mremap((void *)mapped, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + PAGE);
    REQUIRE(there == area + PAGE && device_read32(there, 8) == value);
    use_device(there, 8);
    require_fault(mapped + 8, false, SIGSEGV, SEGV_MAPERR);
    REQUIRE(device_read32(map_device(), 8) == device_read32(there, 8));
}

static void grown_and_shrunk(void)
{
    volatile uint8_t *mapped = map_device();
    use_device(mapped, 8);
    mapped = mremap((void *)mapped, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    REQUIRE(mapped != MAP_FAILED);
    use_device(mapped, 8);
    require_fault(mapped + PAGE, false, SIGBUS, BUS_ADRERR);
    REQUIRE(mremap((void *)mapped, 2 * PAGE, PAGE, 0) == mapped);
    use_device(mapped, 8);
    require_fault(mapped + PAGE, false, SIGSEGV, SEGV_MAPERR);
}

static void advised(void)
{
    volatile uint8_t *mapped = map_device();
    use_device(mapped, 8);
    uint32_t value = device_read32(mapped, 8);
    REQUIRE(madvise((void *)mapped, PAGE, MADV_DONTNEED) == 0 && device_read32(mapped, 8) == value);
    REQUIRE(posix_madvise((void *)mapped, PAGE, POSIX_MADV_RANDOM) == 0);
    REQUIRE(madvise((void *)mapped, PAGE, MADV_DONTFORK) == 0);
    use_device(mapped, 8);
}

static void synchronised(void)
{
    volatile uint8_t *mapped = map_device();
    use_device(mapped, 8);
    REQUIRE(msync((void *)mapped, PAGE, MS_SYNC) == 0);
    use_device(mapped, 8);
}

static void locked(void)
{
    volatile uint8_t *mapped = map_device();
    // Without the right to lock memory this fails, and changes nothing.
    mlockall(MCL_CURRENT);
    use_device(mapped, 8);
    munlockall();
    mlockall(MCL_FUTURE);
    use_device(map_device(), 8);
}

static void locked_with_neighbours(void)
{
    uint8_t *area = mmap(NULL, 3 * PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    map(area + PAGE, PAGE, BOTH, MAP_SHARED | MAP_FIXED);
    REQUIRE(mlock(area + PAGE + 4, 8) == 0);
    REQUIRE(mlock(area, 3 * PAGE) == 0);
    use_device(area + PAGE, 8);
    REQUIRE(munlock(area, 3 * PAGE) == 0);
    REQUIRE(mlock2(area + PAGE, 2 * PAGE, MLOCK_ONFAULT) == 0);
    REQUIRE(syscall(SYS_munlock, area + PAGE, PAGE) == 0);
    REQUIRE(munmap(area, PAGE) == 0);
    REQUIRE(mlock(area, 2 * PAGE) == -1 && errno == ENOMEM);
    use_device(area + PAGE, 8);
}

static void reused(void)
{
    volatile uint8_t *mapped = map_device();
    // A way around libc, as some allocators take it.
    REQUIRE(raw_call(SYS_munmap, (long)mapped, PAGE, 0) == 0);
    uint8_t *memory = mmap((void *)mapped, PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory == mapped);
    int zeros = open("/dev/zero", O_RDONLY);
    memset(memory, 0xff, PAGE);
    REQUIRE(read(zeros, memory, PAGE) == PAGE && memory[8] == 0);
    require_fault((uint8_t *)mmap(memory, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), false,
                  SIGSEGV, SEGV_ACCERR);
}

const struct behaviour behaviours[] = {
    {.name = "mprotect to nothing and back", .show = protected_and_back},
    {.name = "mprotect over neighbours too", .show = protected_with_neighbours},
    {.name = "munmap", .show = unmapped},
    {.name = "munmap of a part", .show = unmapped_in_part},
    {.name = "MAP_FIXED over a reservation", .show = over_a_reservation},
    {.name = "MAP_FIXED_NOREPLACE over another", .show = not_over_another},
    {.name = "MAP_FIXED of memory over it, and back", .show = covered_by_memory},
    {.name = "mremap to another place", .show = moved},
    {.name = "mremap to another length", .show = grown_and_shrunk},
    {.name = "madvise", .show = advised},
    {.name = "msync", .show = synchronised},
    {.name = "mlockall", .show = locked},
    {.name = "mlock over neighbours too", .show = locked_with_neighbours},
    {.name = "unmapped around libc, then memory", .show = reused},
    {.name = NULL},
};
