// SPDX-License-Identifier: Apache-2.0
// io_faults WHAT: what raises a general protection fault, and what a handler of SIGSEGV is told of it.
//   unlike   instructions that are none of I/O: cli, sti, hlt, rdmsr, accesses that no address has; after asking for
//            ports, which may fail
//   grants   who may use which of the ports from 0x40 on: by ioperm and iopl, and their system calls; children,
//            threads and programs
//   memory   ins and outs where memory ends or may not be written, alone and repeated, and the window of /dev/mem@0
//   again    is the program that `grants` becomes
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { PAGE = 4096, PORT = 0x44 };

static sigjmp_buf back;
static volatile struct {
    int code;
    long trap;
    unsigned long address, pc, cx, si, di;
} seen;
static void *volatile map_at; // where the handler puts a page, and the instruction goes on

#ifdef __x86_64__
#define REGISTER(name) (unsigned long)context->uc_mcontext.gregs[REG_R##name]
#else
#define REGISTER(name) (unsigned long)context->uc_mcontext.gregs[REG_E##name]
#endif

static void handle(int signal, siginfo_t *info, void *argument)
{
    const ucontext_t *context = argument;
    (void)signal;
    seen.code = info->si_code;
    seen.trap = context->uc_mcontext.gregs[REG_TRAPNO];
    seen.address = (unsigned long)info->si_addr;
    seen.pc = REGISTER(IP);
    seen.cx = REGISTER(CX);
    seen.si = REGISTER(SI);
    seen.di = REGISTER(DI);
    if (map_at == NULL)
        siglongjmp(back, 1);
    mmap(map_at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    map_at = NULL;
}

static void catch_faults(void)
{
    const struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
}

// ---- instructions that are none of I/O

#define NO_ADDRESS 0x8000000000000000ul

#define TRY(name, ...)                                                                                                 \
    do {                                                                                                               \
        unsigned long here;                                                                                            \
        if (sigsetjmp(back, 1) == 0) {                                                                                 \
            __asm__ volatile(__VA_ARGS__);                                                                             \
            (void)here;                                                                                                \
            puts(name ": nothing");                                                                                    \
        } else                                                                                                         \
            printf(name ": si_code %d, si_addr %lx, trap %ld, byte %02x\n", seen.code, seen.address, seen.trap,        \
                   *(uint8_t *)seen.pc);                                                                               \
    } while (0)

static void try_unlike(void)
{
    iopl(3);
    TRY("cli", "cli");
    TRY("sti", "sti");
    TRY("hlt", "hlt");
    TRY("rdmsr", "rdmsr" : : "c"(0x10) : "eax", "edx");
    TRY("mov to cr0", "mov %0, %%cr0" : : "r"(0ul));
#ifdef __x86_64__
    TRY("load of no address", "movb (%0), %%al" : : "r"(NO_ADDRESS) : "al");
    TRY("store to no address", "movb $1, (%0)" : : "r"(NO_ADDRESS));
    TRY("rep movsb of no address", "rep movsb" : : "S"(NO_ADDRESS), "D"(&back), "c"(3));
#endif
}

// ---- grants

static void use(const char *who, unsigned short port)
{
    if (sigsetjmp(back, 1) == 0)
        printf("%s: %02x\n", who, inb(port));
    else
        printf("%s: si_code %d, si_addr %lx, trap %ld\n", who, seen.code, seen.address, seen.trap);
    fflush(stdout);
}

static void use_word(const char *who, unsigned short port)
{
    if (sigsetjmp(back, 1) == 0)
        printf("%s: %04x\n", who, inw(port));
    else
        printf("%s: si_code %d\n", who, seen.code);
    fflush(stdout);
}

static void say(const char *call, long result)
{
    printf("%s: %s\n", call, result == 0 ? "0" : strerror(errno));
}

static void *in_thread(void *argument)
{
    use("thread", PORT);
    return argument;
}

static void try_wrong_arguments(void)
{
    say("ioperm of none", ioperm(PORT, 0, 1));
    say("ioperm beyond the last", ioperm(0xffff, 2, 1));
    say("ioperm that wraps", ioperm(~0ul, 2, 1));
    say("iopl 4", iopl(4));
    say("iopl -1", iopl(-1));
}

static void try_grants(const char *self)
{
    pthread_t thread;
    use("before", PORT);
    try_wrong_arguments();
    say("ioperm", ioperm(PORT, 2, 1));
    outb(0x5a, PORT);
    outb(0xa5, PORT + 1);
    use("granted", PORT);
    use("next but one", PORT + 2);
    use_word("word", PORT);
    use_word("word, half of it", PORT + 1);
    if (fork() == 0) {
        use("child", PORT);
        _exit(0);
    }
    wait(NULL);
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
    say("ioperm off", syscall(SYS_ioperm, PORT + 1, 1, 0));
    use("taken back", PORT + 1);
    say("iopl 1", iopl(1));
    use("at level 1", PORT + 1);
    say("iopl 3", syscall(SYS_iopl, 3));
    use("at level 3", PORT + 1);
    use_word("beyond the last", 0xffff);
    say("iopl 0", iopl(0));
    use("at level 0", PORT + 1);
    use("still granted", PORT);
    fflush(stdout);
    execl(self, self, "again", NULL);
}

// ---- memory

static uint8_t *two_pages(void)
{
    uint8_t *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(pages, 0x11, 2 * PAGE);
    munmap(pages + PAGE, PAGE);
    return pages;
}

static unsigned input(void *to, unsigned count, bool is_backward)
{
    if (is_backward)
        __asm__ volatile("std\n\trep insw\n\tcld" : "+D"(to), "+c"(count) : "d"(PORT) : "memory");
    else
        __asm__ volatile("rep insw" : "+D"(to), "+c"(count) : "d"(PORT) : "memory");
    return count;
}

static unsigned output(const void *from, unsigned count)
{
    __asm__ volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(PORT) : "memory");
    return count;
}

static void try_input(uint8_t *pages)
{
    uint8_t *end = pages + PAGE;
    outb(0x77, PORT);
    outb(0x66, PORT + 1);
    if (sigsetjmp(back, 1) == 0)
        input(end - 3, 4, false);
    else
        printf("insw over the end: address +%lx, cx %lu, di +%lx\n", seen.address - (unsigned long)end, seen.cx,
               seen.di - (unsigned long)end);
    map_at = end;
    unsigned left = input(end - 4, 3, false);
    printf("insw that goes on: left %u, then %02x%02x\n", left, end[1], end[0]);
    mprotect(end, PAGE, PROT_READ);
    if (sigsetjmp(back, 1) == 0)
        input(end + 2, 4, true);
    else
        printf("insw into read-only pages: code %d, address +%lx, cx %lu\n", seen.code,
               seen.address - (unsigned long)end, seen.cx);
    munmap(end, PAGE);
}

static void try_output(const uint8_t *pages)
{
    const uint8_t *end = pages + PAGE;
    if (sigsetjmp(back, 1) == 0)
        output(end - 2, 4);
    else
        printf("outsb over the end: address +%lx, cx %lu, si +%lx\n", seen.address - (unsigned long)end, seen.cx,
               seen.si - (unsigned long)end);
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("outsl" : : "S"(NULL), "d"(PORT) : "memory");
    else
        printf("outsl from nowhere: code %d, address %lx\n", seen.code, seen.address);
}

static void try_window(void)
{
    int device = open("/dev/mem", O_RDWR);
    uint8_t *window = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
    outb(0x55, PORT);
    unsigned left = input(window, 2, false);
    printf("insw into a window: left %u, then %04x\n", left, *(volatile uint16_t *)(window + 2));
    *(volatile uint16_t *)(window + 4) = 0x0201;
    left = output(window + 4, 2);
    printf("outsb from a window: left %u, then %02x\n", left, inb(PORT));
    mprotect(window, PAGE, PROT_READ);
    if (sigsetjmp(back, 1) == 0)
        input(window, 2, false);
    else
        printf("insw into a window that is read-only: code %d, +%lx, cx %lu\n", seen.code,
               seen.address - (unsigned long)window, seen.cx);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    setbuf(stdout, NULL);
    catch_faults();
    if (strcmp(what, "unlike") == 0)
        try_unlike();
    else if (strcmp(what, "grants") == 0)
        try_grants(argv[0]);
    else if (strcmp(what, "again") == 0) {
        use("program, granted", PORT);
        use("program, not granted", PORT + 1);
    } else if (strcmp(what, "memory") == 0) {
        ioperm(PORT, 4, 1);
        uint8_t *pages = two_pages();
        try_input(pages);
        try_output(pages);
        try_window();
    } else
        return 2;
    return 0;
}
