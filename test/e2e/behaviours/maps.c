// SPDX-License-Identifier: Apache-2.0
// What can be done with a mapping: refused, split, moved, closed and opened, covered and uncovered.
#include "behaviour.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>

static sigjmp_buf escape;
static volatile siginfo_t seen;

static void escape_with_info(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  seen = *info;
  siglongjmp(escape, 1);
}

// The access must raise `signal` with `code` there.
static void require_fault(volatile uint8_t *address, bool is_store, int signal, int code) {
  struct sigaction action = {.sa_sigaction = escape_with_info, .sa_flags = SA_SIGINFO}, before;
  sigaction(signal, &action, &before);
  seen.si_signo = 0;
  if (sigsetjmp(escape, 1) == 0) {
    if (is_store)
      *address = 1;
    else
      (void)*address;
  }
  sigaction(signal, &before, NULL);
  REQUIRE(seen.si_signo == signal);
  REQUIRE(seen.si_code == code);
  REQUIRE(seen.si_addr == address);
}

static volatile uint8_t *map(void *address, size_t length, int protection, int flags) {
  void *mapped = mmap(address, length, protection, flags, open_device(O_RDWR), device_base);
  REQUIRE(mapped != MAP_FAILED);
  return mapped;
}

enum { BOTH = PROT_READ | PROT_WRITE };

static void twice(void) {
  volatile uint8_t *first = map_device(), *second = map_device();
  REQUIRE(first != second);
  device_write32(first, 8, 0x12345678);
  REQUIRE(device_read32(second, 8) == 0x12345678);
  REQUIRE(munmap((void *)first, PAGE) == 0);
  use_device(second, 8);
}

static void often(void) {
  for (int i = 0; i < 2000; i++) {
    volatile uint8_t *mapped = map_device();
    if (i % 100 == 0)
      use_device(mapped, 8);
    REQUIRE(munmap((void *)mapped, PAGE) == 0);
  }
}

static void closed_before_use(void) {
  int fd = open_device(O_RDWR);
  volatile uint8_t *mapped = mmap(NULL, PAGE, BOTH, MAP_SHARED, fd, device_base);
  REQUIRE(mapped != MAP_FAILED && close(fd) == 0);
  use_device(mapped, 8);
}

static void odd_length(void) {
  volatile uint8_t *mapped = map(NULL, 12, BOTH, MAP_SHARED);
  use_device(mapped, 8);
  use_device(mapped, PAGE - 4);
  REQUIRE(munmap((void *)mapped, 12) == 0);
  require_fault(mapped, false, SIGSEGV, SEGV_MAPERR);
}

static void refused(int fd, size_t length, int protection, int flags, off_t offset, int error) {
  errno = 0;
  REQUIRE(mmap(NULL, length, protection, flags, fd, device_base + offset) == MAP_FAILED);
  REQUIRE(errno == error);
}

static void refused_requests(void) {
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

static void beyond_the_device(void) {
  volatile uint8_t *mapped = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
  use_device(mapped, PAGE - 4);
  require_fault(mapped + PAGE, false, SIGBUS, BUS_ADRERR);
  require_fault(mapped + PAGE, true, SIGBUS, BUS_ADRERR);
  use_device(mapped, 0);
}

static void read_only(void) {
  void *mapped = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open_device(O_RDONLY), device_base);
  REQUIRE(mapped != MAP_FAILED);
  device_write32(map_device(), 8, 77);
  REQUIRE(device_read32(mapped, 8) == 77);
  require_fault((uint8_t *)mapped + 8, true, SIGSEGV, SEGV_ACCERR);
  REQUIRE(device_read32(mapped, 8) == 77);
  REQUIRE(mprotect(mapped, PAGE, BOTH) == -1 && errno == EACCES);
}

static void write_only(void) {
  volatile uint8_t *mapped = map(NULL, PAGE, PROT_WRITE, MAP_SHARED);
  device_write32(mapped, 8, 78);
  REQUIRE(device_read32(map_device(), 8) == 78);
  // As hardware: x86 pages that can be written can be read.
  REQUIRE(device_read32(mapped, 8) == 78);
}

static void private_mapping(void) {
  volatile uint8_t *mapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open_device(O_RDONLY), device_base);
  REQUIRE(mapped != MAP_FAILED);
  device_write32(map_device(), 8, 79);
  REQUIRE(device_read32(mapped, 8) == 79);
}

static void protected_and_back(void) {
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

static void protected_with_neighbours(void) {
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

static void unmapped(void) {
  volatile uint8_t *mapped = map_device();
  use_device(mapped, 8);
  REQUIRE(munmap((void *)mapped, PAGE) == 0);
  require_fault(mapped + 8, false, SIGSEGV, SEGV_MAPERR);
}

static void unmapped_in_part(void) {
  volatile uint8_t *mapped = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
  REQUIRE(munmap((void *)(mapped + PAGE), PAGE) == 0);
  require_fault(mapped + PAGE, false, SIGSEGV, SEGV_MAPERR);
  use_device(mapped, PAGE - 4);
  mapped = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
  REQUIRE(munmap((void *)mapped, PAGE) == 0);
  require_fault(mapped, false, SIGSEGV, SEGV_MAPERR);
  require_fault(mapped + PAGE, false, SIGBUS, BUS_ADRERR);
}

static void over_a_reservation(void) {
  uint8_t *area = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(map(area + PAGE, PAGE, BOTH, MAP_SHARED | MAP_FIXED) == area + PAGE);
  use_device(area + PAGE, 8);
  require_fault(area + 8, false, SIGSEGV, SEGV_ACCERR);
  require_fault(area + 2 * PAGE, false, SIGSEGV, SEGV_ACCERR);
  REQUIRE(munmap(area, 4 * PAGE) == 0);
  require_fault(area + PAGE + 8, false, SIGSEGV, SEGV_MAPERR);
}

static void not_over_another(void) {
  volatile uint8_t *mapped = map_device();
  int flags = MAP_SHARED | MAP_FIXED_NOREPLACE;
  REQUIRE(mmap((void *)mapped, PAGE, BOTH, flags, open_device(O_RDWR), device_base) == MAP_FAILED && errno == EEXIST);
  REQUIRE(mmap((void *)mapped, PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
  use_device(mapped, 8);
}

static void covered_by_memory(void) {
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

static void reused_by_libc(void) {
  for (int i = 0; i < 20; i++) {
    volatile uint8_t *mapped = map_device();
    use_device(mapped, 8);
    REQUIRE(munmap((void *)mapped, PAGE) == 0);
    uint8_t *memory = malloc(1 << 20);
    memset(memory, i, 1 << 20);
    free(memory);
  }
}

static void moved(void) {
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

static void grown_and_shrunk(void) {
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

static void advised(void) {
  volatile uint8_t *mapped = map_device();
  use_device(mapped, 8);
  uint32_t value = device_read32(mapped, 8);
  REQUIRE(madvise((void *)mapped, PAGE, MADV_DONTNEED) == 0 && device_read32(mapped, 8) == value);
  REQUIRE(posix_madvise((void *)mapped, PAGE, POSIX_MADV_RANDOM) == 0);
  REQUIRE(madvise((void *)mapped, PAGE, MADV_DONTFORK) == 0);
  use_device(mapped, 8);
}

static void synchronised(void) {
  volatile uint8_t *mapped = map_device();
  use_device(mapped, 8);
  REQUIRE(msync((void *)mapped, PAGE, MS_SYNC) == 0);
  use_device(mapped, 8);
}

static void locked(void) {
  volatile uint8_t *mapped = map_device();
  // Without the right to lock memory this fails, and changes nothing.
  mlockall(MCL_CURRENT);
  use_device(mapped, 8);
  munlockall();
  mlockall(MCL_FUTURE);
  use_device(map_device(), 8);
}

static void by_number(void) {
  int fd = open_device(O_RDWR);
  volatile uint8_t *mapped = (void *)syscall(SYS_mmap, NULL, PAGE, BOTH, MAP_SHARED, fd, device_base);
  REQUIRE(mapped != MAP_FAILED && syscall(SYS_close, fd) == 0);
  use_device(mapped, 8);
  REQUIRE(syscall(SYS_mprotect, mapped, PAGE, PROT_READ) == 0);
  require_fault(mapped + 8, true, SIGSEGV, SEGV_ACCERR);
  REQUIRE(syscall(SYS_munmap, mapped, PAGE) == 0);
  require_fault(mapped + 8, false, SIGSEGV, SEGV_MAPERR);
}

static void across_the_end(void) {
  uint8_t *area = mmap(NULL, 2 * PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  map(area, PAGE, BOTH, MAP_SHARED | MAP_FIXED);
  volatile uint64_t *across = (volatile uint64_t *)(area + PAGE - 4);
  *across = 0x1122334455667788;
  REQUIRE(*across == 0x1122334455667788 && device_read32(area, PAGE - 4) == 0x55667788);
  REQUIRE(*(volatile uint32_t *)(area + PAGE) == 0x11223344);
  REQUIRE(munmap(area + PAGE, PAGE) == 0);
  require_fault(area + PAGE, false, SIGSEGV, SEGV_MAPERR);
}

static void many(void) {
  enum { MANY = 200 };
  volatile uint8_t *mapped[MANY];
  for (int i = 0; i < MANY; i++)
    mapped[i] = map_device();
  for (int i = 0; i < MANY; i += 10)
    use_device(mapped[i], 8);
}

// The addresses that one thread gives back are the next thread's.
static void *map_and_unmap(void *argument) {
  uint64_t offset = (uint64_t)(uintptr_t)argument;
  for (int i = 0; i < 300; i++) {
    volatile uint8_t *mapped = map_device();
    use_device(mapped, offset);
    REQUIRE(munmap((void *)mapped, PAGE) == 0);
  }
  return NULL;
}

static void by_threads(void) {
  pthread_t threads[4];
  for (uintptr_t i = 0; i < 4; i++)
    REQUIRE(pthread_create(&threads[i], NULL, map_and_unmap, (void *)(i * 8)) == 0);
  for (int i = 0; i < 4; i++)
    REQUIRE(pthread_join(threads[i], NULL) == 0);
}

static void seen_in_maps(void) {
  volatile uint8_t *mapped = map_device();
  char line[8192];
  bool found = false;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
    found = found || strtoull(line, NULL, 16) == (uint64_t)mapped;
  REQUIRE(found);
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
    {.name = "mprotect to nothing and back", .show = protected_and_back},
    {.name = "mprotect over neighbours too", .show = protected_with_neighbours},
    {.name = "munmap", .show = unmapped},
    {.name = "munmap of a part", .show = unmapped_in_part},
    {.name = "MAP_FIXED over a reservation", .show = over_a_reservation},
    {.name = "MAP_FIXED_NOREPLACE over another", .show = not_over_another},
    {.name = "MAP_FIXED of memory over it, and back", .show = covered_by_memory},
    {.name = "its addresses used again by malloc", .show = reused_by_libc},
    {.name = "mremap to another place", .show = moved},
    {.name = "mremap to another length", .show = grown_and_shrunk},
    {.name = "madvise", .show = advised},
    {.name = "msync", .show = synchronised},
    {.name = "mlockall", .show = locked},
    {.name = "mmap, mprotect, munmap by the raw system calls", .show = by_number},
    {.name = "an access across the end of the mapping", .show = across_the_end},
    {.name = "its place in /proc/self/maps", .show = seen_in_maps},
    {.name = NULL},
};
