// SPDX-License-Identifier: Apache-2.0
//
// patched MODE PATH BASE COUNT
// What a program sees of instructions that it runs often on a device. It knows nothing of how that answers; that its
// code is no longer what the compiler wrote it sees by looking there. Modes:
//   values    a few instructions, each COUNT times on a register and as often on memory: what both hold then
//   threads   eight threads add 1 to memory and read a register by the same instruction, from the first time on
//   signals   the same under a timer, whose handler does so too and walks the stack
//   late      the same, but for the handler, which comes only when the instruction has long been patched
//   numbered  the same, by syscall()
//   hidden    the same, by a system call that only the net sees
//   installs  eight threads read while the first handler comes, whose signal they then get
//   cancel    a thread is cancelled in the midst of reading, again and again
//   errors    the instruction reaches a hole after COUNT times, and a handler looks at what it is told
//   fork      a child goes on where its parent was, and the other way round
//   steps     a debugger of its own stops at each machine instruction of an access, and walks the stack there
//   endless   two threads read by the same instruction until they are ended
//   vectors   eight threads read 16 bytes, and keep another vector register meanwhile; then one reads misaligned
//   kept      instructions that no jump can replace, and one that is replaced
//   writable  the program makes its code writable, and changes it
#include <execinfo.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "device.h"

enum { THREADS = 8, HOLE = 0x40, TICK_US = 200, FRAMES = 32, SIGNALS = 10, MOST_STACK = 1 << 16, LOAD_BYTES = 16 };

// Instructions in functions of their own: an address in rdi, a value in rsi; what is read comes back.
#define SITE(name, code)                                                                                               \
    extern uint32_t name(volatile void *, uint64_t);                                                                   \
    extern uint8_t name##_code[];                                                                                      \
    __asm__(".pushsection .text\n\t.globl " #name ", " #name "_code\n\t.type " #name ", @function\n" #name             \
            ":\n\t.cfi_startproc\n\txor %eax, %eax\n" #name "_code:\n\t" code                                          \
            "\n\tret\n\tnop\n\tnop\n\tnop\n\t.cfi_endproc\n\t.popsection")

SITE(load_indexed, ".byte 0x8b, 0x84, 0x07, 0, 0, 0, 0"); // mov eax, [rdi + rax * 1 + 0]
SITE(load_far, ".byte 0x8b, 0x87, 0, 0, 0, 0");           // mov eax, [rdi + 0]
SITE(load_short, "mov (%rdi), %eax");
SITE(load_three, "movzwl (%rdi), %eax");
SITE(store_short, "mov %esi, (%rdi)");
SITE(store_immediate, "movl $0x55, (%rdi)");
SITE(add_in_place, ".byte 0x81, 0x07, 0x01, 0, 0, 0"); // add dword ptr [rdi], 1
SITE(add_locked, "lock addl $1, (%rdi)");
SITE(or_from, ".byte 0x0b, 0x87, 0, 0, 0, 0"); // or eax, [rdi + 0]

// Gives back the lowest 4 of 16 bytes, or 0 if xmm1 has changed meanwhile.
#define VECTOR_SITE(name, code)                                                                                        \
    SITE(name, code "\n\tmovd %xmm1, %edx\n\tcmp %esi, %edx\n\tjne 1f\n\tmovd %xmm0, %eax\n1:")
VECTOR_SITE(load_vector, ".byte 0xf3, 0x0f, 0x6f, 0x87, 0, 0, 0, 0");  // movdqu xmm0, [rdi + 0]
VECTOR_SITE(load_aligned, ".byte 0x66, 0x0f, 0x6f, 0x87, 0, 0, 0, 0"); // movdqa xmm0, [rdi + 0]

struct site {
    const char *name;
    uint32_t (*run)(volatile void *, uint64_t);
    uint8_t *code;
    bool is_store;
};
static const struct site sites[] = {
    {"load_indexed", load_indexed, load_indexed_code, false},
    {"load_far", load_far, load_far_code, false},
    {"load_short", load_short, load_short_code, false},
    {"load_three", load_three, load_three_code, false},
    {"store_short", store_short, store_short_code, true},
    {"store_immediate", store_immediate, store_immediate_code, true},
    {"add_in_place", add_in_place, add_in_place_code, false},
    {"or_from", or_from, or_from_code, false},
};

static volatile uint8_t *device;
static uint64_t count;
static volatile uint32_t memory[1024];
static uint8_t code_before[5];

static const char *is_changed(void)
{
    return memcmp(code_before, load_far_code, sizeof code_before) == 0 ? "kept" : "changed";
}

static void show_values(void)
{
    for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++) {
        const struct site *site = &sites[i];
        uint8_t before[2] = {site->code[0], site->code[1]};
        uint32_t from_device = 0, from_memory = 0;
        device_write32(device, 0, 0x01020304);
        memory[0] = 0x01020304;
        for (uint64_t j = 0; j < count; j++) {
            from_device += site->run(device, j);
            from_memory += site->run(memory, j);
        }
        printf("%s: device %x %x, memory %x %x, code %s\n", site->name, from_device, device_read32(device, 0),
               from_memory, memory[0], memcmp(before, site->code, sizeof before) == 0 ? "kept" : "changed");
    }
}

static atomic_uint wrong;

static void *read_often(void *unused)
{
    for (uint64_t i = 0; i < count; i++)
        if (load_far(device, 0) != 0x01020304 || load_far(memory, 0) != 0x05060708)
            wrong++;
    return unused;
}

static void read_by_threads(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, read_often, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("threads: %u wrong, code %s\n", wrong, is_changed());
}

static uint32_t keep_and_load(uint32_t (*load)(volatile void *, uint64_t), volatile void *from, uint32_t value)
{
    __asm__ volatile("movd %0, %%xmm1" : : "r"(value) : "xmm1");
    return load(from, value);
}

static void *read_vectors(void *argument)
{
    uint32_t own = 1 + (uint32_t)(uintptr_t)argument;
    for (uint64_t i = 0; i < count; i++)
        if (keep_and_load(load_vector, device, own) != 0x01020304 ||
            keep_and_load(load_vector, memory, own) != 0x05060708)
            wrong++;
    return NULL;
}

static sigjmp_buf escape;
static uint64_t seen_pc, seen_address;
static int seen_code;

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number;
    seen_pc = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    seen_address = (uint64_t)info->si_addr;
    seen_code = info->si_code;
    siglongjmp(escape, 1);
}

static void read_vectors_by_threads(void)
{
    pthread_t threads[THREADS];
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, read_vectors, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("vectors: %u wrong, code %s\n", wrong, load_vector_code[0] == 0xf3 ? "kept" : "changed");
    for (uint64_t i = 0; i < count; i++)
        keep_and_load(load_aligned, device, 1);
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(escape, 1) == 0)
        printf("no signal: %x\n", load_aligned(device + 4, 0));
    printf("misaligned: code %d, address %" PRIx64 ", pc %s, then %x, code %s\n", seen_code, seen_address,
           seen_pc == (uint64_t)load_aligned_code ? "its own" : "another", keep_and_load(load_aligned, device, 1),
           load_aligned_code[0] == 0x66 ? "kept" : "changed");
}

static volatile sig_atomic_t ticks, short_walks;
static int shallowest;

static void on_tick(int number)
{
    void *frames[FRAMES];
    (void)number;
    ticks++;
    if (load_far(device, 0) != 0x01020304)
        wrong++;
    if (backtrace(frames, FRAMES) < shallowest)
        short_walks++;
}

static void read_under_ticks(void)
{
    struct itimerval every = {{0, TICK_US}, {0, TICK_US}}, never = {0};
    setitimer(ITIMER_REAL, &every, NULL);
    for (uint64_t i = 0; i < count || ticks < 100; i++)
        if (load_far(device, 0) != 0x01020304 || load_far(memory, 0) != 0x05060708)
            wrong++;
    setitimer(ITIMER_REAL, &never, NULL);
}

// The handler's own frames, the kernel's and those below: the interrupted one may be any, but main is behind it.
__attribute__((noinline)) static void read_under_timer(void)
{
    void *frames[FRAMES];
    shallowest = backtrace(frames, FRAMES);
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    read_under_ticks();
    printf("signals: %u wrong, code %s\n", wrong, is_changed());
    fprintf(stderr, "signals: %d ticks, %d walks of less than %d frames\n", (int)ticks, (int)short_walks, shallowest);
}

__attribute__((noinline)) static void read_endlessly(void)
{
    for (;;)
        load_far(device, 0);
}

static void *read_in_thread(void *unused)
{
    read_endlessly();
    return unused;
}

static void read_until_ended(void)
{
    pthread_t other;
    read_often(NULL);
    pthread_create(&other, NULL, read_in_thread, NULL);
    printf("endless: code %s\n", is_changed());
    fflush(stdout);
    read_endlessly();
}

static void *outer_frames[FRAMES];
static int outer;
static unsigned steps, lost;
static uint64_t step_stack;
extern const char __executable_start[], etext[];

// The frames of those that called are the last ones. While a thread is not on its own stack no signal comes that is not
// the debugger's.
static void on_step(int number, siginfo_t *info, void *context)
{
    void *frames[FRAMES];
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    uint64_t pc = (uint64_t)registers[REG_RIP], stack = (uint64_t)registers[REG_RSP];
    int depth = backtrace(frames, FRAMES), same = 0;
    (void)number;
    (void)info;
    if (step_stack - stack > MOST_STACK)
        return;
    while (same < outer - 1 && same < depth && frames[depth - 1 - same] == outer_frames[outer - 1 - same])
        same++;
    bool is_in_access = pc < (uint64_t)__executable_start || pc >= (uint64_t)etext;
    bool is_found = depth > outer && (uint64_t)frames[depth - outer - 1] - (uint64_t)load_far < LOAD_BYTES;
    steps += is_in_access;
    lost += same < outer - 1 || (is_in_access && !is_found);
}

__attribute__((noinline)) static uint32_t step_through(volatile void *from)
{
    outer = backtrace(outer_frames, FRAMES);
    step_stack = (uint64_t)__builtin_frame_address(0);
    __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc");
    uint32_t value = load_far(from, 0);
    __asm__ volatile("pushfq\n\tandq $-0x101, (%%rsp)\n\tpopfq" ::: "memory", "cc");
    return value;
}

static void step_through_access(void)
{
    static uint8_t alternate[1 << 16];
    struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
    sigaction(SIGTRAP, &action, NULL);
    for (uint64_t i = 0; i < count; i++)
        load_far(device, 0);
    uint32_t from_device = step_through(device), from_memory = step_through(memory);
    printf("steps: %x %x, %u lost, code %s\n", from_device, from_memory, lost, is_changed());
    fprintf(stderr, "steps: %u of them\n", steps);
}

// As the kernel takes it (rt_sigaction(2)).
struct numbered_action {
    void (*handler)(int);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};
enum { HAS_RESTORER = 0x04000000 };
// What unwinders know a signal's frame by.
// What unwinders know the frame of a signal by.
void go_back(void);
__asm__(".pushsection .text\n\t.globl go_back\n\tnop\ngo_back:\n\tmov $15, %rax\n\tsyscall\n\t.popsection");

static const struct numbered_action numbered = {on_tick, HAS_RESTORER | SA_RESTART, go_back, 0};

static void install_by_sigaction(void)
{
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
}

static void install_by_number(void)
{
    syscall(SYS_rt_sigaction, SIGALRM, &numbered, NULL, sizeof numbered.mask);
}

static void install_unseen(void)
{
    long result = SYS_rt_sigaction;
    register uint64_t size __asm__("r10") = sizeof numbered.mask;
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"((long)SIGALRM), "S"(&numbered), "d"(NULL), "r"(size)
                     : "rcx", "r11", "memory");
}

static void read_before_and_behind(void (*install)(void))
{
    for (int i = 0; i < 20; i++)
        read_often(NULL);
    printf("late: %u wrong, code %s, ", wrong, is_changed());
    fflush(stdout);
    install();
    read_under_ticks();
    printf("then %u wrong\n", wrong);
}

static void install_late(void)
{
    read_before_and_behind(install_by_sigaction);
}

static void install_late_by_number(void)
{
    read_before_and_behind(install_by_number);
}

static void install_late_unseen(void)
{
    read_before_and_behind(install_unseen);
}

static atomic_bool is_over;
static atomic_uint at_work, handled;

static void on_user(int number)
{
    (void)number;
    if (load_far(device, 0) != 0x01020304)
        wrong++;
    handled++;
}

static void *read_until_over(void *unused)
{
    read_often(NULL);
    at_work++;
    while (!is_over)
        read_often(NULL);
    return unused;
}

static void install_among_threads(void)
{
    struct sigaction action = {.sa_handler = on_user, .sa_flags = SA_RESTART};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, read_until_over, NULL);
    while (at_work < THREADS)
        sched_yield();
    sigaction(SIGUSR1, &action, NULL);
    // One that is still pending takes in the next.
    for (unsigned round = 0; round < SIGNALS; round++)
        for (int i = 0; i < THREADS; i++) {
            unsigned before = handled;
            pthread_kill(threads[i], SIGUSR1);
            while (handled == before)
                sched_yield();
        }
    is_over = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("installs: %u handled, %u wrong, code %s\n", handled, wrong, is_changed());
}

static void *read_until_cancelled(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (unsigned i = 0; i < 100; i++)
        load_far(device, 0);
    at_work++;
    for (;;)
        load_far(device, 0);
    return unused;
}

static void cancel_in_access(void)
{
    unsigned cancelled = 0;
    read_often(NULL);
    for (unsigned round = 0; round < 20; round++) {
        pthread_t reader;
        void *result = NULL;
        unsigned before = at_work;
        pthread_create(&reader, NULL, read_until_cancelled, NULL);
        while (at_work == before)
            sched_yield();
        pthread_cancel(reader);
        pthread_join(reader, &result);
        cancelled += result == PTHREAD_CANCELED;
        read_often(NULL);
    }
    printf("cancel: %u cancelled, %u wrong, code %s\n", cancelled, wrong, is_changed());
}

static void read_hole(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < count; i++)
            load_far(device, 0);
        if (sigsetjmp(escape, 1) == 0)
            printf("no signal: %x\n", load_far(device + HOLE, 0));
        printf("errors: at offset 0x%" PRIx64 ", pc %s, then %x, code %s\n", seen_address - (uint64_t)device,
               seen_pc == (uint64_t)load_far_code ? "its own" : "another", load_far(device, 0), is_changed());
    }
}

static void read_and_fork(void)
{
    int status = -1;
    read_often(NULL);
    for (int generation = 0; generation < 3; generation++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            read_often(NULL);
            _exit(wrong == 0 && strcmp(is_changed(), "changed") == 0 ? 0 : 1);
        }
        read_often(NULL);
        waitpid(child, &status, 0);
        printf("fork: child %x, %u wrong, code %s\n", (unsigned)status, wrong, is_changed());
    }
}

enum { PAGE = 4096, SHORT_BYTES = 2, JUMP_BYTES = 5 };

// The last bytes of a jump in place of load_short are those behind it.
static void take_place_of_short(void)
{
    int32_t distance = 0;
    memcpy((uint8_t *)&distance + 1, load_short_code + SHORT_BYTES, 3);
    uint64_t first = (uint64_t)load_short_code + JUMP_BYTES + (uint64_t)(int64_t)distance;
    mmap((void *)(first & ~UINT64_C(4095)), 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
         0);
}

static void run_what_is_kept(void)
{
    uint8_t *copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t (*copied)(volatile void *, uint64_t) = NULL;
    memcpy(copy, load_far_code, 16);
    mprotect(copy, PAGE, PROT_READ | PROT_EXEC);
    memcpy(&copied, &copy, sizeof copied);
    take_place_of_short();
    for (uint64_t i = 0; i < count; i++) {
        load_far(device, 0);
        add_locked(device, 0);
        load_short(device, 0);
        copied(device, 0);
    }
    printf("kept: %x\n", device_read32(device, 0));
}

static void change_own_code(void)
{
    void *page = (void *)((uint64_t)load_far_code & ~UINT64_C(4095));
    read_often(NULL);
    printf("writable: code %s", is_changed());
    mprotect(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC);
    printf(", then %s", is_changed());
    load_far_code[2] = 4;
    printf(", at offset 4 %x\n", load_far(device, 0));
    for (uint64_t i = 0; i < count; i++)
        load_far(device, 0);
    printf("writable: code %02x %02x %02x\n", load_far_code[0], load_far_code[1], load_far_code[2]);
}

static const struct mode {
    const char *name;
    void (*run)(void);
} modes[] = {{"values", show_values},
             {"threads", read_by_threads},
             {"signals", read_under_timer},
             {"late", install_late},
             {"numbered", install_late_by_number},
             {"hidden", install_late_unseen},
             {"installs", install_among_threads},
             {"cancel", cancel_in_access},
             {"errors", read_hole},
             {"fork", read_and_fork},
             {"endless", read_until_ended},
             {"steps", step_through_access},
             {"vectors", read_vectors_by_threads},
             {"kept", run_what_is_kept},
             {"writable", change_own_code}};

int main(int argc, char **argv)
{
    if (argc == 5) {
        device = device_map(argv[2], number(argv[3]), 4096);
        count = number(argv[4]);
        memcpy(code_before, load_far_code, sizeof code_before);
        device_write32(device, 0, 0x01020304);
        memory[0] = 0x05060708;
        for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
            if (strcmp(modes[i].name, argv[1]) == 0) {
                modes[i].run();
                return 0;
            }
    }
    fputs("usage: patched MODE PATH BASE COUNT, with a MODE that the source names\n", stderr);
    return 2;
}
