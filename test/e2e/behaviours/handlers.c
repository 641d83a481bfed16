// SPDX-License-Identifier: Apache-2.0
// The host's own SIGSEGV handlers: set and asked for in every way, left in every way.
#include "faults.h"

#include <sys/syscall.h>

static volatile uint8_t *device;

static void require_two_faults_between_accesses(void)
{
    for (int i = 1; i <= 2; i++) {
        use_device(device, 0);
        fault_and_escape();
        REQUIRE(calls == i);
    }
    use_device(device, 0);
}

static void with_siginfo(void)
{
    handle(SIGSEGV, escape_with_info, 0);
    device = map_device();
    require_two_faults_between_accesses();
    REQUIRE(seen.si_signo == SIGSEGV && seen.si_code == SEGV_MAPERR && seen.si_addr == (void *)0x10);
    REQUIRE(seen_pc == (unsigned long)bad_load);
}

static void after_the_first_access(void)
{
    device = map_device();
    use_device(device, 0);
    handle(SIGSEGV, escape_with_info, 0);
    require_two_faults_between_accesses();
}

static void without_siginfo(void)
{
    struct sigaction action = {.sa_handler = escape_without_info};
    sigaction(SIGSEGV, &action, NULL);
    device = map_device();
    require_two_faults_between_accesses();
}

static void with_signal(void)
{
    REQUIRE(signal(SIGSEGV, escape_without_info) == SIG_DFL);
    device = map_device();
    require_two_faults_between_accesses();
    REQUIRE(signal(SIGSEGV, SIG_DFL) == escape_without_info);
}

static void with_signal_after(void)
{
    device = map_device();
    REQUIRE(signal(SIGSEGV, escape_without_info) == SIG_DFL);
    require_two_faults_between_accesses();
    REQUIRE(signal(SIGSEGV, SIG_DFL) == escape_without_info);
}

static void with_sigset(void)
{
    device = map_device();
    REQUIRE(sigset(SIGSEGV, escape_without_info) == SIG_DFL);
    require_two_faults_between_accesses();
    REQUIRE(sigset(SIGSEGV, SIG_DFL) == escape_without_info);
}

static void with_sysv_signal(void)
{
    struct sigaction now;
    device = map_device();
    REQUIRE(sysv_signal(SIGSEGV, escape_without_info) == SIG_DFL);
    fault_and_escape();
    REQUIRE(calls == 1);
    REQUIRE(sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
    use_device(device, 0);
}

// What rt_sigaction(2) takes; the kernel insists on a restorer.
struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
} __attribute__((packed));
extern void restore(void);
__asm__("restore: " SIGRETURN);
enum { SA_RESTORER_FLAG = 0x04000000 };

static void act_by_number(void)
{
    struct kernel_action action = {escape_with_info, SA_SIGINFO | SA_RESTORER_FLAG, restore, 1 << (SIGUSR2 - 1)};
    struct kernel_action now = {0};
    REQUIRE(syscall(SYS_rt_sigaction, SIGSEGV, &action, NULL, sizeof action.mask) == 0);
    REQUIRE(syscall(SYS_rt_sigaction, SIGSEGV, NULL, &now, sizeof now.mask) == 0);
    REQUIRE(now.handler == action.handler && now.flags == action.flags && now.mask == action.mask);
}

static void by_number_before(void)
{
    act_by_number();
    device = map_device();
    require_two_faults_between_accesses();
}

static void by_number_after(void)
{
    device = map_device();
    act_by_number();
    require_two_faults_between_accesses();
}

static void reset_after_one(void)
{
    struct sigaction now;
    device = map_device();
    handle(SIGSEGV, escape_with_info, (int)SA_RESETHAND);
    fault_and_escape();
    REQUIRE(sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
    use_device(device, 0);
    load_badly();
}

static void fault_again(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
    use_device(device, 8);
    if (calls == 2)
        siglongjmp(escape, 1);
    load_badly();
}

static void nested_with_nodefer(void)
{
    handle(SIGSEGV, fault_again, SA_NODEFER);
    device = map_device();
    fault_and_escape();
    REQUIRE(calls == 2);
    use_device(device, 0);
}

static void nested_without_nodefer(void)
{
    handle(SIGSEGV, fault_again, 0);
    device = map_device();
    fault_and_escape();
}

static void ask(struct sigaction *now)
{
    memset(now, 0xff, sizeof *now);
    REQUIRE(sigaction(SIGSEGV, NULL, now) == 0);
}

static bool is_as_set(const struct sigaction *now)
{
    return now->sa_sigaction == escape_with_info && (now->sa_flags & ~SA_RESTORER_FLAG) == (SA_SIGINFO | SA_RESTART) &&
           sigismember(&now->sa_mask, SIGUSR1) == 1 && sigismember(&now->sa_mask, SIGSEGV) == 1 &&
           sigismember(&now->sa_mask, SIGUSR2) == 0;
}

static void asked_for(void)
{
    struct sigaction action = {.sa_sigaction = escape_with_info, .sa_flags = SA_SIGINFO | SA_RESTART}, now;
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaddset(&action.sa_mask, SIGSEGV);
    ask(&now);
    REQUIRE(now.sa_handler == SIG_DFL);
    REQUIRE(sigaction(SIGSEGV, &action, NULL) == 0);
    ask(&now);
    REQUIRE(is_as_set(&now));
    device = map_device();
    use_device(device, 0);
    ask(&now);
    REQUIRE(is_as_set(&now));
    REQUIRE(sigaction(SIGSEGV, &now, NULL) == 0);
    require_two_faults_between_accesses();
}

static void refused_requests(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    device = map_device();
    errno = 0;
    REQUIRE(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
    REQUIRE(sigaction(65, &action, NULL) == -1 && signal(0, SIG_IGN) == SIG_ERR);
    use_device(device, 0);
}

static void skip(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    ucontext_t *frame = context;
    note(info, context);
    frame->uc_mcontext.gregs[REG_PC] += bad_load_end - bad_load;
    frame->uc_mcontext.gregs[REG_RESULT] = 0xfeed;
}

static void instruction_skipped(void)
{
    handle(SIGSEGV, skip, 0);
    device = map_device();
    use_device(device, 0);
    REQUIRE(load_badly() == 0xfeed);
    REQUIRE(calls == 1 && seen_pc == (unsigned long)bad_load);
    use_device(device, 0);
}

static sigset_t mask_inside;
static void keep_mask(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    sigprocmask(SIG_BLOCK, NULL, &mask_inside);
    use_device(device, 0);
    skip(signal, info, context);
}

static void mask_in_the_handler(void)
{
    struct sigaction action = {.sa_sigaction = keep_mask, .sa_flags = SA_SIGINFO};
    sigset_t after;
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaction(SIGSEGV, &action, NULL);
    device = map_device();
    for (int i = 1; i <= 2; i++) {
        load_badly();
        REQUIRE(calls == i);
        REQUIRE(sigismember(&mask_inside, SIGUSR1) == 1 && sigismember(&mask_inside, SIGUSR2) == 0);
        REQUIRE(sigismember(&mask_inside, SIGSEGV) == 1);
        sigprocmask(SIG_BLOCK, NULL, &after);
        REQUIRE(sigismember(&after, SIGUSR1) == 0 && sigismember(&after, SIGSEGV) == 0);
    }
}

static bool has_what_was_set;

// Registers of x87 and SSE as they were, and changed.
static void change_floating(int signal, siginfo_t *info, void *context)
{
    fpregset_t state = ((ucontext_t *)context)->uc_mcontext.fpregs;
    (void)signal;
    (void)info;
    has_what_was_set = (CONTROL_WORD(state) & 0xffff) == 0x27f && MXCSR(state) == 0x3f80 &&
                       XMM(state, 5)[0] == 0x12345678 && state->_st[0].exponent == 0x3fff &&
                       state->_st[0].significand[3] == 0x8000;
    CONTROL_WORD(state) = 0x37f;
    MXCSR(state) = 0x1f80;
    XMM(state, 5)[0] = 0x9abcdef0;
    state->_st[0].exponent = 0x4000;
}

static void floating_registers(void)
{
    uint16_t control = 0x27f;
    uint32_t mxcsr = 0x3f80, word = 0x12345678;
    double top;
    struct sigaction action = {.sa_sigaction = change_floating, .sa_flags = SA_SIGINFO};
    device = map_device();
    use_device(device, 0);
    sigaction(SIGTRAP, &action, NULL);
    __asm__ volatile("fninit\n\tfldcw %0\n\tldmxcsr %1\n\tmovd %2, %%xmm5\n\tfld1\n\tint3\n\t"
                     "fstpl %3\n\tmovd %%xmm5, %2\n\tfnstcw %0\n\tstmxcsr %1"
                     : "+m"(control), "+m"(mxcsr), "+r"(word), "=m"(top)
                     :
                     : "xmm5", "memory");
    REQUIRE(has_what_was_set && control == 0x37f && mxcsr == 0x1f80 && word == 0x9abcdef0 && top == 2);
    use_device(device, 4);
}

const struct behaviour behaviours[] = {
    {.name = "SIGSEGV handler with SA_SIGINFO", .show = with_siginfo},
    {.name = "SIGSEGV handler set after the first access", .show = after_the_first_access},
    {.name = "SIGSEGV handler without SA_SIGINFO", .show = without_siginfo},
    {.name = "SIGSEGV handler by signal()", .show = with_signal},
    {.name = "SIGSEGV handler by signal() after mapping", .show = with_signal_after},
    {.name = "SIGSEGV handler by sigset()", .show = with_sigset},
    {.name = "SIGSEGV handler by sysv_signal()", .show = with_sysv_signal},
    {.name = "SIGSEGV handler by rt_sigaction before mapping", .show = by_number_before},
    {.name = "SIGSEGV handler by rt_sigaction after mapping", .show = by_number_after},
    {.name = "SA_RESETHAND: the second fault ends the program", .show = reset_after_one, .ends_by = SIGSEGV},
    {.name = "SA_NODEFER: a fault inside the handler", .show = nested_with_nodefer},
    {.name = "a fault inside the handler without SA_NODEFER", .show = nested_without_nodefer, .ends_by = SIGSEGV},
    {.name = "sigaction gives back what was set", .show = asked_for},
    {.name = "sigaction refuses what the kernel refuses", .show = refused_requests},
    {.name = "SIGSEGV handler that skips the instruction", .show = instruction_skipped},
    {.name = "the mask while the SIGSEGV handler runs", .show = mask_in_the_handler},
    {.name = "floating-point registers in a handler's frame", .show = floating_registers},
    {.name = NULL},
};
