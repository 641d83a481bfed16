/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdatomic.h>
#include <stdint.h>

#include "apart.h"
#include "calls.h"
#include "device/node.h"
#include "filter.h"
#include "filter32.h"
#include "ground/kernel_signals.h"
#include "ground/ledger.h"
#include "ground/low_world.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "ground/report.h"
#include "ground/second_world.h"
#include "install.h"
#include "instruction/registers.h"
#include "lane/channel.h"
#include "late.h"
#include "pass.h"
#include "places.h"
#include "trap/fault.h"
#include "trap/handler32.h"
#include "trap/signals.h"
#include "watched.h"

/* SYS_SECCOMP of the kernel's siginfo.h, which libc has no name for. */
enum { FROM_FILTER = 1 };

static net_call *call, *call_for_libc, *carry32;
static struct filter_places places;
static bool is_on;

/* Also in the child of a fork. */
static atomic_bool has_windows;

/* The call that this thread is carrying out: one with the same arguments that is stopped further down the stack is that
 * call itself, on its way to the kernel. A handler of the host's may have left it by a jump. */
struct carried {
    long number, first, second;
    uint64_t frame;
};
enum { FURTHEST_DOWN = 1 << 16 };
static __thread __attribute__((tls_model("initial-exec"))) struct carried carried = {.number = -1};

/* The kernel's limit is for all filters of a process (seccomp(2), ENOMEM). Each program that was executed on the way to
 * it has added some, and so have descriptors of devices and late code. */
static void give_up(long failure)
{
    is_on = false;
    if (!ledger_is_first_to_say(LEDGER_NO_NET))
        return;
    report("the net under the libc names can't be used here: %s; what reaches a device by a raw system call, or from "
           "within libc, fails; --no-net says that this is known",
           failure == -ENOMEM ? "the kernel takes no more filters, which each program on the way here has added"
           : failure == 0     ? "the program, or its libc, is none that we know"
                              : "the kernel takes no filters of system calls");
}

/* Once there is a window. 0, or -errno. */
static long watch_mappings(struct filter_program *program)
{
    if (atomic_load(&has_windows))
        return 0;
    if (low_world_is_there)
        filter32_for_windows(apart_none(), program);
    else
        filter_for_windows(&places, apart_none(), program);
    long result = install_everywhere(program);
    has_windows = has_windows || !channel_is_borrowed();
    return result;
}

/* 0, or -errno. */
static long watch_range(struct watched_range range)
{
    struct filter_program *program = install_room();
    if (program == NULL)
        return -ENOMEM;
    long windows = watch_mappings(program);
    if (low_world_is_there)
        filter32_for_descriptors(range.first, range.last, program);
    else
        filter_for_descriptors(&places, range.first, range.last, program);
    long result = install_everywhere(program);
    install_room_back(program);
    return result != 0 ? result : windows;
}

bool net_is_on(void)
{
    return is_on;
}

void net_forget_mapped(void)
{
    late_forget();
}

static void note_failure(long result)
{
    if (result != 0)
        give_up(result);
}

void net_look_at_mapped(const void *code, size_t length, int protection, int flags, int file, uint64_t offset)
{
    const struct filter_range range = {(uint64_t)code, (uint64_t)code + page_up(length)};
    if (is_on && !low_world_is_there)
        note_failure(late_mapped(range, protection, flags, file, offset));
}

void net_look_at_protected(const void *code, size_t length, int protection)
{
    const struct filter_range range = {(uint64_t)code, (uint64_t)code + page_up(length)};
    if (is_on && !low_world_is_there)
        note_failure(late_protected(range, protection));
}

bool net_watches(int descriptor)
{
    return is_on && descriptor >= 0 && watched_has(descriptor);
}

/* Most programs need not know. */
static void know_moving(void)
{
    static atomic_bool is_known;
    if (atomic_load(&is_known))
        return;
    uint64_t before = install_begin();
    if (!atomic_load(&is_known))
        places_find_moving(&places);
    atomic_store(&is_known, true);
    install_end(before);
}

/* A descriptor of this process is a device's: what moves its contents is stopped from now on. It is noted behind the
 * filter, on which another thread would rely else; two of one kind do no harm. In a child with the memory of its parent
 * filters are the child's alone. */
static void watch(int descriptor)
{
    if (!is_on || descriptor < 0 || net_watches(descriptor))
        return;
    know_moving();
    struct watched_range range = watched_around(descriptor);
    long result = watch_range(range);
    if (result != 0)
        give_up(result);
    if (!channel_is_borrowed())
        watched_add(range);
}

/* What begins before pages may reach into them. */
enum { REACH = 4096 };

static void filter_pages(struct filter_range pages, struct filter_program *program)
{
    struct filter_range pointed = channel_is_borrowed() ? pages : apart_add(pages);
    if (low_world_is_there)
        filter32_for_pointers(pointed, program);
    else
        filter_for_pointers(&places, pointed, program);
}

void net_watch_pages(uint64_t start, uint64_t end)
{
    struct filter_range pages = {start > REACH ? start - REACH : 0, end};
    if (!is_on)
        return;
    uint64_t before = install_begin();
    struct filter_program *program = apart_has(pages) ? NULL : install_room();
    if (program != NULL) {
        filter_pages(pages, program);
        long result = install_everywhere(program);
        install_room_back(program);
        if (result != 0)
            give_up(result);
    }
    install_end(before);
}

/* In the order of the kernel's calling convention (x86-64 psABI, A.2.1). */
static void arguments_of(const ucontext_t *context, long arguments[6])
{
    static const unsigned registers[6] = {REGISTER_RDI, REGISTER_RSI, REGISTER_RDX, 10, REGISTER_R8, 9};
    for (int i = 0; i < 6; i++)
        arguments[i] = (long)registers_get(context, registers[i]);
}

static bool is_carried_already(long number, const long a[6], uint64_t stack)
{
    return carried.number == number && carried.first == a[0] && carried.second == a[1] && stack < carried.frame &&
           carried.frame - stack < FURTHEST_DOWN;
}

/* What starts a program never comes back, and may be in a child with the memory of its parent. */
static bool may_come_again(long number)
{
    return number != SYS_execve && number != SYS_execveat;
}

static bool is_within(struct filter_range range, uint64_t pc)
{
    return pc >= range.start && pc < range.end;
}

/* Whether libc has made that call of a name by which the host has come to us, or of one of its own: not where it does
 * so for code that makes calls itself. Of those that open, move or map, or look for files, nobody can tell which. */
static bool is_of_libc(long number, uint64_t pc)
{
#define IS_CALL(call) case SYS_##call:
    switch (number) {
        CALLS_OPENING(IS_CALL)
        CALLS_LOOKING(IS_CALL)
        CALLS_ALTERING(IS_CALL)
        CALLS_MOVING(IS_CALL)
        CALLS_MOVING_TO_SECOND(IS_CALL)
        CALLS_MOVING_TO_THIRD(IS_CALL)
        CALLS_RUNNING(IS_CALL)
        return false;
    default:
        break;
    }
    for (size_t i = 0; i < places.own_count; i++)
        if (places.own[i] == pc)
            return false;
    return is_within(places.libc, pc) || is_within(places.kernel, pc);
}

/* `stack` is where that of the call ends. */
static long carry_out(uint64_t pc, long number, const long a[6], uint64_t stack)
{
    if (is_carried_already(number, a, stack))
        return raw_syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    struct carried before = carried;
    int error = errno;
    errno = 0;
    if (may_come_again(number))
        carried = (struct carried){number, a[0], a[1], (uint64_t)__builtin_frame_address(0)};
    long result = (is_of_libc(number, pc) ? call_for_libc : call)(pc, number, a);
    carried = before;
    if (result == -1 && errno != 0)
        result = -errno;
    errno = error;
    return result;
}

/* Behind such a call the kernel may take no other. */
static bool may_confine(long number)
{
    return number == SYS_seccomp || number == SYS_prctl;
}

/* The call may change the mask of the thread, which comes back with the frame. */
static uint64_t mask_now(void)
{
    uint64_t mask = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
    return mask;
}

/* musl's threads end on no stack. */
static bool takes_own_stack(long number, const long a[6], uint64_t stack)
{
    return number == SYS_munmap && stack - (uint64_t)a[0] < (uint64_t)a[1];
}

static void arguments32_of(const ucontext_t *context, long arguments[6])
{
    static const unsigned registers[6] = {REGISTER_RBX, REGISTER_RCX, REGISTER_RDX,
                                          REGISTER_RSI, REGISTER_RDI, REGISTER_RBP};
    for (int i = 0; i < 6; i++)
        arguments[i] = (long)(uint32_t)registers_get(context, registers[i]);
}

/* Numbers there of calls that have a way of their own. */
enum { MUNMAP32 = 91, SIGRETURN32 = 119, RT_SIGRETURN32 = 173, RT_SIGPROCMASK32 = 175, SIGPROCMASK32 = 126 };

/* One by the table for 32-bit programs. */
static void take32(long number, ucontext_t *context)
{
    long arguments[6];
    uint64_t *interrupted = (uint64_t *)(void *)&context->uc_sigmask;
    if (number == SIGRETURN32 || number == RT_SIGRETURN32) {
        if (!handler32_come_back(context, number == SIGRETURN32))
            report_fatal("a sigreturn(2) without a handler's frame; the host is ended");
        return;
    }
    arguments32_of(context, arguments);
    if (number == MUNMAP32 && handler32_unmap_own_stack(context, (uint64_t)arguments[0], (uint64_t)arguments[1]))
        return;
    kernel_signals_restore(*interrupted);
    int error = errno;
    errno = 0;
    long result = carry32(registers_pc(context), number, arguments);
    if (result == -1 && errno != 0)
        result = -errno;
    errno = error;
    if (number == RT_SIGPROCMASK32 || number == SIGPROCMASK32)
        *interrupted = mask_now();
    registers_set(context, REGISTER_RAX, (uint32_t)result);
}

/* Whether a filter of the program's own has answered with an errno. */
static bool take_failure32(const siginfo_t *info, ucontext_t *context)
{
    uint32_t said = (uint32_t)info->si_errno;
    if (info->si_arch != AUDIT_ARCH_I386 || carry32 == NULL || (said & ~(uint32_t)NET_MOST_ERRORS) != NET_FAILS32)
        return false;
    registers_set(context, REGISTER_RAX, -(said & NET_MOST_ERRORS));
    return true;
}

/* Whether it was such a call. What a handler of a program in another world does to the mask of the call that it came in
 * is none of the program's. */
static bool take(int signal, const siginfo_t *info, ucontext_t *context)
{
    long arguments[6];
    uint64_t *interrupted = (uint64_t *)(void *)&context->uc_sigmask;
    if (signal != SIGSYS || info->si_code != FROM_FILTER || call == NULL)
        return false;
    if (info->si_errno != FILTER_MARK)
        return take_failure32(info, context);
    if (info->si_arch == AUDIT_ARCH_I386 && carry32 != NULL) {
        take32(info->si_syscall, context);
        return true;
    }
    arguments_of(context, arguments);
    uint64_t stack = registers_get(context, REGISTER_RSP);
    if (second_world_is_there && takes_own_stack(info->si_syscall, arguments, stack) && pass_on(context))
        return true;
    if (info->si_syscall == SYS_clone3) {
        pass_clone3(arguments, context);
        return true;
    }
    kernel_signals_restore(*interrupted);
    long result = carry_out(registers_pc(context), info->si_syscall, arguments, stack);
    if (second_world_is_there ? info->si_syscall == SYS_rt_sigprocmask : !may_confine(info->si_syscall))
        *interrupted = mask_now();
    registers_set(context, REGISTER_RAX, (uint64_t)result);
    return true;
}

/* 0, or -errno. */
static long watch_paths(void)
{
    struct filter_program *program = install_room();
    if (program == NULL)
        return -ENOMEM;
    if (low_world_is_there)
        filter32_for_paths(program);
    else
        filter_for_paths(&places, program);
    long result = install_everywhere(program);
    if (result == 0 && !low_world_is_there && second_world_is_there) {
        filter_for_forks(&places, program);
        result = install_everywhere(program);
    }
    install_room_back(program);
    return result;
}

void net_take_code32(net_call *carry_out)
{
    carry32 = carry_out;
}

void net_start(net_call *carry_out, net_call *carry_out_for_libc)
{
    call = carry_out;
    call_for_libc = carry_out_for_libc;
    fault_on_call(take);
    node_on_open(watch);
    signals_keep_calls(REAL(sigaction));
    bool is_known = low_world_is_there      ? true
                    : second_world_is_there ? places_find_second(&places)
                                            : places_find(&places);
    long result = is_known ? watch_paths() : 0;
    is_on = is_known && result == 0;
    if (!is_on)
        give_up(result);
    late_know_program(places.program);
}
