/* SPDX-License-Identifier: Apache-2.0 */
#include "time_stamp.h"

#include <cpuid.h>
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "instruction/registers.h"
#include "ground/signal_safe.h"

enum { MAX_LENGTH = 15, SECOND = 1000000000 };
/* Where CPUID doesn't tell one. */
#define DEFAULT_RATE 1000000000u

/* CF, PF, AF, ZF, SF and OF. */
#define ARITHMETIC_FLAGS 0x8d5u

static time_stamp_look *look_at_clock;
static uint64_t rate;
static struct {
    uint64_t start, end;
} vdso;
/* Is read in the handler, so it must not be made at the first use. */
static _Thread_local bool wants_signal __attribute__((tls_model("initial-exec")));

/* ---- start-up */

/* What programs take from the same place: the crystal's rate and the ratio to it, or the base frequency, of which CPUs
 * that don't tell the crystal's are multiples (Intel SDM Vol. 3, 18.7.3). */
static uint64_t find_rate(void)
{
    unsigned denominator = 0, numerator = 0, crystal = 0, base_mhz = 0, other;
    __get_cpuid(0x15, &denominator, &numerator, &crystal, &other);
    if (denominator != 0 && numerator != 0 && crystal != 0)
        return (uint64_t)crystal * numerator / denominator;
    __get_cpuid(0x16, &base_mhz, &other, &other, &other);
    return (base_mhz & 0xffff) != 0 ? (base_mhz & 0xffff) * (uint64_t)1000000 : DEFAULT_RATE;
}

static void find_vdso(void)
{
    const Elf64_Ehdr *image = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
    if (image == NULL)
        return;
    vdso.start = (uint64_t)image;
    const Elf64_Phdr *segment = (const Elf64_Phdr *)(vdso.start + image->e_phoff);
    for (unsigned i = 0; i < image->e_phnum; i++) {
        uint64_t end = vdso.start + segment[i].p_vaddr + segment[i].p_memsz;
        if (segment[i].p_type == PT_LOAD && end > vdso.end)
            vdso.end = end;
    }
}

static void set(int mode)
{
    raw_syscall(SYS_prctl, PR_SET_TSC, mode);
}

void time_stamp_trap(time_stamp_look *look)
{
    rate = find_rate();
    find_vdso();
    look_at_clock = look;
    set(PR_TSC_SIGSEGV);
}

bool time_stamp_is_trapped(void)
{
    return look_at_clock != NULL;
}

/* ---- what the host asks for, and who must not be trapped */

bool time_stamp_host_wants_signal(void)
{
    return wants_signal;
}

void time_stamp_host_asks(bool wants)
{
    wants_signal = wants;
}

/* The kernel is asked, lest a handler that starts a program inside of such a call takes back too early. */
bool time_stamp_release(void)
{
    int mode = PR_TSC_ENABLE;
    if (!time_stamp_is_trapped() || wants_signal)
        return false;
    raw_syscall(SYS_prctl, PR_GET_TSC, &mode);
    if (mode == PR_TSC_SIGSEGV)
        set(PR_TSC_ENABLE);
    return mode == PR_TSC_SIGSEGV;
}

void time_stamp_take_back(bool was_released)
{
    if (was_released)
        set(PR_TSC_SIGSEGV);
}

/* ---- in the handler */

/* The PC may lead nowhere behind a broken return from a handler, which raises the same signal; so the kernel reads
 * there. */
static size_t read_code(uint64_t pc, uint8_t bytes[MAX_LENGTH])
{
    const struct iovec here = {bytes, MAX_LENGTH}, there = {(void *)pc, MAX_LENGTH};
    long self = raw_syscall(SYS_getpid), count = raw_syscall(SYS_process_vm_readv, self, &here, 1, &there, 1, 0);
    if (count >= 0 || count == -EFAULT)
        return count > 0 ? (size_t)count : 0;
    /* A container may forbid that call. */
    size_t to_page_end = page_rest(pc), length = to_page_end < MAX_LENGTH ? to_page_end : MAX_LENGTH;
    memcpy(bytes, (const void *)pc, length);
    return length;
}

static bool is_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3};
    return (byte & 0xf0) == 0x40 || memchr(prefixes, byte, sizeof prefixes) != NULL;
}

/* rdtsc is 0F 31, rdtscp 0F 01 F9; prefixes have no effect on them, but for LOCK, which they refuse. tpause is 66 0F AE
 * /6, umwait F2 0F AE /6, with a register (Intel SDM Vol. 2). */
static enum time_stamp_instruction name(const uint8_t *bytes, size_t prefixes, size_t count, unsigned *length)
{
    const uint8_t *code = bytes + prefixes;
    bool is_0f = count >= prefixes + 2 && code[0] == 0x0f, has_third = count >= prefixes + 3;
    *length = (unsigned)prefixes + (is_0f && code[1] == 0x31 ? 2 : 3);
    if (is_0f && code[1] == 0x31)
        return TIME_STAMP_RDTSC;
    if (is_0f && has_third && code[1] == 0x01 && code[2] == 0xf9)
        return TIME_STAMP_RDTSCP;
    if (is_0f && has_third && code[1] == 0xae && (code[2] & 0xf8) == 0xf0 && memchr(bytes, 0xf3, prefixes) == NULL &&
        (memchr(bytes, 0x66, prefixes) != NULL || memchr(bytes, 0xf2, prefixes) != NULL))
        return TIME_STAMP_PAUSE;
    return TIME_STAMP_OTHER;
}

bool time_stamp_find(const ucontext_t *context, struct time_stamp_reading *reading)
{
    uint8_t bytes[MAX_LENGTH];
    uint64_t pc = registers_pc(context);
    size_t count = time_stamp_is_trapped() ? read_code(pc, bytes) : 0, prefixes = 0;
    while (prefixes < count && is_prefix(bytes[prefixes]))
        prefixes++;
    reading->instruction = name(bytes, prefixes, count, &reading->length);
    reading->is_of_kernel = pc >= vdso.start && pc < vdso.end;
    return reading->instruction != TIME_STAMP_OTHER && (reading->is_of_kernel || !wants_signal);
}

static uint64_t true_counter(void)
{
    uint32_t low, high;
    set(PR_TSC_ENABLE);
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    set(PR_TSC_SIGSEGV);
    return (uint64_t)high << 32 | low;
}

/* Without a clock it is real, as all clocks then are. */
static uint64_t simulated_counter(void)
{
    uint64_t now_ns;
    if (!look_at_clock(&now_ns))
        return true_counter();
    return (uint64_t)((unsigned __int128)now_ns * rate / SECOND);
}

/* What Linux keeps in IA32_TSC_AUX. */
static uint64_t processor(void)
{
    unsigned cpu = 0, node = 0;
    raw_syscall(SYS_getcpu, &cpu, &node, NULL);
    return (uint64_t)node << 12 | cpu;
}

void time_stamp_carry_out(ucontext_t *context, const struct time_stamp_reading *reading)
{
    uint64_t counter = reading->is_of_kernel ? true_counter() : simulated_counter();
    if (reading->instruction == TIME_STAMP_PAUSE) { /* may end at any time, and says that the deadline did not */
        registers_set_flags(context, registers_flags(context) & ~(uint64_t)ARITHMETIC_FLAGS);
    } else {
        registers_set(context, REGISTER_RAX, counter & 0xffffffff);
        registers_set(context, REGISTER_RDX, counter >> 32);
    }
    if (reading->instruction == TIME_STAMP_RDTSCP)
        registers_set(context, REGISTER_RCX, processor());
    registers_set_pc(context, registers_pc(context) + reading->length);
}
