/* SPDX-License-Identifier: Apache-2.0 */
#include "handler32.h"

#include <stddef.h>
#include <string.h>

#include "floating32.h"
#include "instruction/registers.h"
#include "ground/signal_safe.h"

enum { SIGNALS = 65, CODE64 = 0x33, MARK = 0x74703332 };

struct context32 {
    uint32_t gs, fs, es, ds, di, si, bp, sp, bx, dx, cx, ax, trapno, err, ip, cs, flags, sp_at_signal, ss;
    uint32_t fpstate, oldmask, cr2;
};

struct ucontext32 {
    uint32_t flags, link, stack, stack_flags, stack_size;
    struct context32 registers;
    uint64_t mask;
} __attribute__((packed));

/* A frame with a siginfo; one without has the handler's context where that has its pointers. */
struct frame {
    uint32_t restorer, number, info_at, context_at;
    uint8_t info[HANDLER32_INFO];
    struct ucontext32 context;
    uint32_t mark;
    uint64_t kept; /* ours, by which we go on */
} __attribute__((packed));

extern void handler32_enter(const uint32_t registers[5], uint64_t kept[8]);
extern const char handler32_back[], handler32_restore[], handler32_unmap_and_exit[];

static struct {
    uint32_t flags, restorer;
} notes[SIGNALS];

void handler32_note(int number, uint32_t flags, uint32_t restorer)
{
    notes[number].flags = flags;
    notes[number].restorer = restorer;
}

struct handler32_restorer handler32_restorer(int number)
{
    return (struct handler32_restorer){notes[number].flags & HANDLER32_SA_RESTORER, notes[number].restorer};
}

/* What the kernel itself raises has more than who sent it. Others have a value, at most. */
static void narrow_raised(const siginfo_t *info, int32_t *word)
{
    switch (info->si_signo) {
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGFPE:
    case SIGTRAP:
        word[3] = (int32_t)(uintptr_t)info->si_addr;
        word[4] = 0;
        break;
    case SIGCHLD:
        word[5] = info->si_status;
        word[6] = (int32_t)info->si_utime;
        word[7] = (int32_t)info->si_stime;
        break;
    case SIGPOLL:
        word[4] = info->si_fd;
        break;
    case SIGSYS:
        word[4] = info->si_syscall;
        word[5] = (int32_t)info->si_arch;
        break;
    default:
        word[5] = info->si_value.sival_int;
    }
}

/* What of a siginfo is wider here (kernel, copy_siginfo_to_external32). */
void handler32_narrow_info(const siginfo_t *info, uint8_t to[HANDLER32_INFO])
{
    int32_t *word = (int32_t *)(void *)to;
    memset(to, 0, HANDLER32_INFO);
    word[0] = info->si_signo;
    word[1] = info->si_errno;
    word[2] = info->si_code;
    word[3] = info->si_pid;
    word[4] = (int32_t)info->si_uid;
    if (info->si_code > SI_USER)
        narrow_raised(info, word);
    else
        word[5] = info->si_value.sival_int;
}

static uint32_t narrow(const ucontext_t *context, int index)
{
    return (uint32_t)context->uc_mcontext.gregs[index];
}

static void fill_context(const ucontext_t *context, struct ucontext32 *to)
{
    uint64_t segments = (uint64_t)context->uc_mcontext.gregs[REG_CSGSFS];
    uint16_t data, extra;
    __asm__ volatile("mov %%ds, %0" : "=r"(data));
    __asm__ volatile("mov %%es, %0" : "=r"(extra));
    *to = (struct ucontext32){
        .stack = (uint32_t)(uintptr_t)context->uc_stack.ss_sp,
        .stack_flags = (uint32_t)context->uc_stack.ss_flags,
        .stack_size = (uint32_t)context->uc_stack.ss_size,
        .registers = {.cs = segments & 0xffff,
                      .gs = segments >> 16 & 0xffff,
                      .fs = segments >> 32 & 0xffff,
                      .ss = segments >> 48,
                      .ds = data,
                      .es = extra,
                      .di = narrow(context, REG_RDI),
                      .si = narrow(context, REG_RSI),
                      .bp = narrow(context, REG_RBP),
                      .sp = narrow(context, REG_RSP),
                      .sp_at_signal = narrow(context, REG_RSP),
                      .bx = narrow(context, REG_RBX),
                      .dx = narrow(context, REG_RDX),
                      .cx = narrow(context, REG_RCX),
                      .ax = narrow(context, REG_RAX),
                      .ip = narrow(context, REG_RIP),
                      .flags = narrow(context, REG_EFL),
                      .trapno = narrow(context, REG_TRAPNO),
                      .err = narrow(context, REG_ERR),
                      .cr2 = narrow(context, REG_CR2)},
    };
    uint64_t mask;
    memcpy(&mask, &context->uc_sigmask, sizeof mask);
    to->mask = mask;
    to->registers.oldmask = (uint32_t)to->mask;
}

static bool is_of_program(const ucontext_t *context)
{
    enum decode_mode mode;
    registers_mode(context, &mode);
    return mode == DECODE_CODE32;
}

/* Of a thread that was in our code, nothing but the mask is the handler's to change. */
static void take_context(const struct ucontext32 *from, ucontext_t *context)
{
    const struct context32 copy = from->registers, *registers = &copy;
    uint64_t mask = from->mask;
    memcpy(&context->uc_sigmask, &mask, sizeof mask);
    if (!is_of_program(context))
        return;
    greg_t *all = context->uc_mcontext.gregs;
    all[REG_RDI] = registers->di;
    all[REG_RSI] = registers->si;
    all[REG_RBP] = registers->bp;
    all[REG_RSP] = registers->sp;
    all[REG_RBX] = registers->bx;
    all[REG_RDX] = registers->dx;
    all[REG_RCX] = registers->cx;
    all[REG_RAX] = registers->ax;
    all[REG_RIP] = registers->ip;
    all[REG_EFL] = (all[REG_EFL] & ~(greg_t)0xdd5) | (registers->flags & 0xdd5);
    floating32_take(context);
}

void handler32_call(uint32_t handler, int number, const siginfo_t *info, ucontext_t *context)
{
    uint64_t kept[8];
    struct floating32 before = {.image = is_of_program(context) ? NULL : __builtin_alloca(FLOATING32_IMAGE)};
    /* Frames that the kernel makes begin 4 below a multiple of 16; the handler's stack is below. */
    uint8_t *room = __builtin_alloca(sizeof(struct frame) + 32);
    struct frame *frame = (struct frame *)(((uint64_t)room + 15) / 16 * 16 + 12);
    bool has_info = notes[number].flags & SA_SIGINFO;
    uint32_t restorer = notes[number].flags & HANDLER32_SA_RESTORER ? notes[number].restorer
                                                                    : (uint32_t)(uintptr_t)handler32_restore;
    frame->restorer = restorer;
    frame->number = (uint32_t)number;
    frame->info_at = (uint32_t)(uintptr_t)frame->info;
    frame->context_at = (uint32_t)(uintptr_t)&frame->context;
    frame->mark = MARK;
    frame->kept = (uint64_t)kept;
    handler32_narrow_info(info, frame->info);
    fill_context(context, &frame->context);
    frame->context.registers.fpstate = floating32_give(context, &before);
    if (!has_info)
        memcpy(&frame->info_at, &frame->context.registers, sizeof frame->context.registers);
    const uint32_t registers[5] = {handler, (uint32_t)(uintptr_t)frame, (uint32_t)number, has_info ? frame->info_at : 0,
                                   has_info ? frame->context_at : 0};
    handler32_enter(registers, kept);
    take_context(&frame->context, context);
    floating32_put_back(&before, context);
}

static void go_on_at(ucontext_t *context, const char *code)
{
    registers_set_pc(context, (uint64_t)code);
    context->uc_mcontext.gregs[REG_CSGSFS] = (context->uc_mcontext.gregs[REG_CSGSFS] & ~(greg_t)0xffff) | CODE64;
}

bool handler32_come_back(ucontext_t *context, bool is_old)
{
    struct frame *frame = (struct frame *)(registers_get(context, REGISTER_RSP) - (is_old ? 8 : 4));
    if (frame->mark != MARK)
        return false;
    if (!(notes[frame->number].flags & SA_SIGINFO))
        memcpy(&frame->context.registers, &frame->info_at, sizeof frame->context.registers);
    registers_set(context, REGISTER_RSP, frame->kept);
    go_on_at(context, handler32_back);
    return true;
}

bool handler32_unmap_own_stack(ucontext_t *context, uint64_t start, uint64_t length)
{
    if (registers_get(context, REGISTER_RSP) - start >= length)
        return false;
    registers_set(context, REGISTER_RDI, start);
    registers_set(context, REGISTER_RSI, length);
    go_on_at(context, handler32_unmap_and_exit);
    return true;
}
