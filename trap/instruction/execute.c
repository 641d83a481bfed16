/* SPDX-License-Identifier: Apache-2.0 */
#include "execute.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "registers.h"
#include "ground/signal_safe.h"

/* A slot: the instruction, then jmp [rip + 0] and the address of execute_return. */
#define SLOT_SIZE 32
#define CODE_SIZE (EXECUTE_SLOTS * SLOT_SIZE)

/* What the instruction must not see of the host's flags: a single step or alignment trap would hit our copy. */
#define DANGEROUS_FLAGS (RFLAGS_TF | RFLAGS_AC)

struct execute_frame execute_frame;
_Alignas(16) uint8_t execute_own_stack[EXECUTE_OWN_STACK_SIZE];
extern int execute_enter(void);
extern int execute_copy_bytes(void *to, const void *from, size_t count);
extern int execute_move_bytes(void *to, const void *from, size_t width);
extern const char execute_return[], execute_failed[], execute_copy_begin[], execute_copy_end[];

/* The code area, never writable while executable, and behind it the scratch buffer, never executable. */
static uint8_t *code_area;
static siginfo_t exception;
/* The page that is being written to. Who is forked meanwhile, by another thread, has it half done. */
static uint8_t *page_at_work;

bool execute_init(void)
{
    long area = raw_syscall(SYS_mmap, 0, CODE_SIZE + PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                            -1, 0);
    long failure = area < 0 ? area : raw_syscall(SYS_mprotect, area, CODE_SIZE, PROT_READ | PROT_EXEC);
    if (failure < 0) {
        errno = (int)-failure;
        return false;
    }
    code_area = (uint8_t *)area;
    return true;
}

uint8_t *execute_scratch(void)
{
    return code_area + CODE_SIZE;
}

static void compose(uint8_t *slot, const struct decode *decode)
{
    static const uint8_t jump[6] = {0xff, 0x25, 0, 0, 0, 0};
    const void *target = execute_return;
    int32_t displacement = (int32_t)(execute_scratch() - (slot + decode->code_length));
    memcpy(slot, decode->code, decode->code_length);
    memcpy(slot + decode->code_displacement, &displacement, sizeof displacement);
    memcpy(slot + decode->code_length, jump, sizeof jump);
    memcpy(slot + decode->code_length + sizeof jump, &target, sizeof target);
}

static void close_page(void)
{
    raw_syscall(SYS_mprotect, page_at_work, PAGE_BYTES, PROT_READ | PROT_EXEC);
    page_at_work = NULL;
}

void execute_install(unsigned slot, const struct decode *decode)
{
    uint8_t *code = code_area + slot * SLOT_SIZE;
    if (page_at_work != NULL)
        close_page();
    page_at_work = (uint8_t *)page_of((uint64_t)code);
    raw_syscall(SYS_mprotect, page_at_work, PAGE_BYTES, PROT_READ | PROT_WRITE);
    compose(code, decode);
    close_page();
}

bool execute_run(unsigned slot, const struct decode *decode, ucontext_t *context, uint64_t general[16], uint64_t *flags)
{
    struct execute_frame *frame = &execute_frame;
    if (page_at_work != NULL)
        close_page();
    memcpy(frame->general, general, sizeof frame->general);
    frame->flags = *flags & ~(uint64_t)DANGEROUS_FLAGS;
    frame->code = code_area + slot * SLOT_SIZE;
    frame->run_rsp = decode->reads_rsp ? general[REGISTER_RSP] : frame->stack;
    frame->xsave = NULL;
    if (decode->uses_vector && context != NULL)
        frame->xsave = registers_xsave(context, &frame->components);
    if (execute_enter() != 0)
        return false;
    if (!decode->names_rsp)
        frame->general[REGISTER_RSP] = general[REGISTER_RSP];
    memcpy(general, frame->general, sizeof frame->general);
    *flags = frame->flags | (*flags & DANGEROUS_FLAGS);
    return true;
}

bool execute_copy(void *to, const void *from, size_t count)
{
    return execute_copy_bytes(to, from, count) == 0;
}

bool execute_move(void *to, const void *from, size_t width)
{
    return execute_move_bytes(to, from, width) == 0;
}

bool execute_can_store(void *address)
{
    uint8_t byte;
    return execute_copy(&byte, address, 1) && execute_copy(address, &byte, 1);
}

const siginfo_t *execute_exception(void)
{
    return &exception;
}

bool execute_recover(const siginfo_t *info, ucontext_t *context)
{
    uint64_t pc = registers_pc(context);
    bool in_code = pc - (uintptr_t)code_area < CODE_SIZE && code_area != NULL;
    bool in_copy = pc >= (uintptr_t)execute_copy_begin && pc < (uintptr_t)execute_copy_end;
    if (info->si_code <= 0 || !(in_code || in_copy))
        return false;
    exception = *info;
    /* An unmasked SIMD exception leaves its flag in MXCSR (Intel SDM Vol. 1, 11.5.3), and the x87 in MMX state. */
    if (in_code && execute_frame.xsave != NULL)
        registers_keep_control(context, execute_frame.xsave);
    registers_set_pc(context, (uintptr_t)execute_failed);
    return true;
}

void execute_patch_x87(ucontext_t *context, const struct decode *decode, uint64_t pc, uint64_t offset)
{
    uintptr_t code = (uintptr_t)code_area, scratch = code + CODE_SIZE;
    struct registers_x87_pointers ours = {code, scratch, scratch, scratch + PAGE_BYTES};
    registers_patch_x87_pointers(context, &ours, decode->modrm, pc, offset);
}
