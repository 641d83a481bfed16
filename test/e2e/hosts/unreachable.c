// SPDX-License-Identifier: Apache-2.0
// unreachable PATH BASE HOW    calls that the kernel can't reach a window for, or might seem not to:
//   left      two that nobody carries out: a lock of the kernel's, and a structure that Trapline doesn't know
//   fixed     one that is carried, into a window at an address that the program has chosen
//   beside    one that fails for a pointer to nowhere, while registers that it does not look at lead into the window
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "device.h"

static void say(const char *what, long result)
{
    printf("%s: %s\n", what, result == -1 ? strerror(errno) : "well");
}

static void leave(void *window)
{
    memset(window, 0, 64);
    say("futex", syscall(SYS_futex, window, FUTEX_WAIT, 1, NULL, NULL, 0));
    say("name_to_handle_at", syscall(SYS_name_to_handle_at, AT_FDCWD, "/", window, (uint8_t *)window + 32, 0));
}

static void fix(const char *path, uint64_t base)
{
    int file = open(path, O_RDWR);
    void *wanted = (void *)0x30000000;
    struct utsname *name = mmap(wanted, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, (off_t)base);
    say("mmap", name == wanted ? 0 : -1);
    say("uname", syscall(SYS_uname, name));
    say("its words", strcmp(name->sysname, "Linux") == 0 ? 0 : -1);
}

static void stand_beside(void *window)
{
#ifdef __i386__
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(SYS_access), "b"(16), "c"(0), "d"(window), "S"(window), "D"(window)
                     : "memory");
    errno = (int)-result;
#else
    syscall(SYS_access, 16, 0, 0, 0, 0);
    (void)window;
#endif
    say("access", -1);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    void *window = (void *)(uintptr_t)device_map(argv[1], number(argv[2]), 4096);
    switch (argv[3][0]) {
    case 'l':
        leave(window);
        return 0;
    case 'f':
        fix(argv[1], number(argv[2]));
        return 0;
    default:
        stand_beside(window);
        return 0;
    }
}
