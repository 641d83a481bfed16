/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* Numbers from here on are of the x32 ABI. */
#define X32 0x40000000u

/* Calls that open, also from within libc. */
static const uint32_t opening[] = {SYS_open, SYS_openat, SYS_openat2, SYS_creat};

static const uint32_t naming[] = {
    SYS_stat,       SYS_lstat,    SYS_newfstatat,        SYS_statx,        SYS_access,         SYS_faccessat,
    SYS_faccessat2, SYS_readlink, SYS_readlinkat,        SYS_truncate,     SYS_chmod,          SYS_fchmodat,
    SYS_chown,      SYS_lchown,   SYS_fchownat,          SYS_utime,        SYS_utimes,         SYS_utimensat,
    SYS_statfs,     SYS_unlink,   SYS_unlinkat,          SYS_rename,       SYS_renameat,       SYS_renameat2,
    SYS_link,       SYS_linkat,   SYS_symlink,           SYS_symlinkat,    SYS_mknod,          SYS_mknodat,
    SYS_execve,     SYS_execveat, SYS_inotify_add_watch, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_close_range,
};

/* The first argument is a descriptor. */
static const uint32_t moving[] = {
    SYS_read,    SYS_write,   SYS_pread64,  SYS_pwrite64, SYS_readv, SYS_writev,    SYS_preadv,
    SYS_pwritev, SYS_preadv2, SYS_pwritev2, SYS_lseek,    SYS_ioctl, SYS_ftruncate, SYS_fallocate,
};

/* The same, of code that makes its calls itself: libc does so in places where nothing may be stopped. */
static const uint32_t holding[] = {
    SYS_close,           SYS_dup,    SYS_dup2,   SYS_dup3,    SYS_fcntl, SYS_flock, SYS_fstat, SYS_fsync, SYS_fdatasync,
    SYS_sync_file_range, SYS_fchmod, SYS_fchown, SYS_fstatfs,
};

/* One descriptor is the first argument, the other the second or third. */
static const uint32_t between_first_and_second[] = {SYS_sendfile};
static const uint32_t between_first_and_third[] = {SYS_splice, SYS_copy_file_range};

static const uint32_t changing[] = {
    SYS_munmap,      SYS_mprotect, SYS_mremap,       SYS_nanosleep,     SYS_clock_nanosleep,
    SYS_poll,        SYS_ppoll,    SYS_select,       SYS_pselect6,      SYS_epoll_wait,
    SYS_epoll_pwait, SYS_pause,    SYS_epoll_pwait2, SYS_rt_sigsuspend, SYS_rt_sigtimedwait,
};

static void put(struct filter_program *program, uint16_t code, uint32_t operand, uint8_t if_true, uint8_t if_false)
{
    if (program->length < FILTER_MAX_LENGTH)
        program->code[program->length] = (struct sock_filter){code, if_true, if_false, operand};
    program->length++;
}

static void load(struct filter_program *program, size_t offset)
{
    put(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void give_back(struct filter_program *program, uint32_t action)
{
    put(program, BPF_RET | BPF_K, action, 0, 0);
}

static void let_pass(struct filter_program *program)
{
    give_back(program, SECCOMP_RET_ALLOW);
}

static void stop(struct filter_program *program)
{
    give_back(program, SECCOMP_RET_TRAP | FILTER_MARK);
}

static size_t address_half(bool is_high)
{
    return offsetof(struct seccomp_data, instruction_pointer) + (is_high ? 4 : 0);
}

static size_t argument(int index)
{
    return offsetof(struct seccomp_data, args) + (size_t)index * sizeof(uint64_t);
}

/* A jump over what is not known yet, for jump_here. */
static size_t jump(struct filter_program *program)
{
    put(program, BPF_JMP | BPF_JA, 0, 0, 0);
    return program->length - 1;
}

static void jump_here(struct filter_program *program, size_t from)
{
    if (from < FILTER_MAX_LENGTH)
        program->code[from].k = (uint32_t)(program->length - from - 1);
}

/* The accumulator holds the number. Goes on behind unless it is one of these; gives the jump that is then taken. */
static size_t unless_one_of(struct filter_program *program, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(program, BPF_JMP | BPF_JEQ | BPF_K, numbers[i], (uint8_t)(count - i), 0);
    return jump(program);
}

/* Lets pass what is not of this architecture, and leaves the number in the accumulator. */
static void begin(struct filter_program *program)
{
    program->length = 0;
    load(program, offsetof(struct seccomp_data, arch));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    let_pass(program);
    load(program, offsetof(struct seccomp_data, nr));
    put(program, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
    let_pass(program);
}

/* Runs `then` for addresses in the range, a range whose halves above are one value, and goes on behind for others. */
static void in_block(struct filter_program *program, uint64_t start, uint64_t last,
                     void (*then)(struct filter_program *program))
{
    load(program, address_half(true));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(start >> 32), 0, 4);
    load(program, address_half(false));
    put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)start, 0, 2);
    put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 1, 0);
    then(program);
}

static void in_range(struct filter_program *program, struct filter_range range,
                     void (*then)(struct filter_program *program))
{
    while (range.start < range.end) {
        uint64_t block_end = ((range.start >> 32) + 1) << 32;
        uint64_t end = range.end < block_end ? range.end : block_end;
        in_block(program, range.start, end - 1, then);
        range.start = end;
    }
}

/* Those of one upper half at a time. */
static void at_addresses(struct filter_program *program, const uint64_t *addresses, size_t count)
{
    for (size_t i = 0; i < count;) {
        uint32_t upper = (uint32_t)(addresses[i] >> 32);
        load(program, address_half(true));
        size_t other = unless_one_of(program, &upper, 1);
        load(program, address_half(false));
        for (; i < count && addresses[i] >> 32 == upper; i++) {
            put(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)addresses[i], 0, 1);
            stop(program);
        }
        jump_here(program, other);
    }
}

static void at_own_calls(const struct filter_places *places, struct filter_program *program)
{
    in_range(program, places->program, stop);
    at_addresses(program, places->own, places->own_count);
}

static void at_functions(const struct filter_functions *functions, struct filter_program *program)
{
    for (size_t i = 0; i < functions->count; i++)
        in_range(program, functions->ranges[i], stop);
}

void filter_for_paths(const struct filter_places *places, struct filter_program *program)
{
    begin(program);
    size_t other = unless_one_of(program, opening, COUNT(opening));
    at_own_calls(places, program);
    in_range(program, places->spared, let_pass);
    at_functions(&places->opening, program);
    let_pass(program);
    jump_here(program, other);
    other = unless_one_of(program, naming, COUNT(naming));
    at_own_calls(places, program);
    jump_here(program, other);
    let_pass(program);
}

/* Lets pass what is none of the descriptors, and goes on behind for those. */
static void unless_descriptor(struct filter_program *program, int index, int first, int last)
{
    load(program, argument(index));
    put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)first, 0, 1);
    put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 0, 1);
    let_pass(program);
}

/* Lets pass unless one of two is. */
static void unless_descriptors(struct filter_program *program, int other, int first, int last)
{
    load(program, argument(0));
    put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)first, 0, 1);
    put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 0, 4);
    unless_descriptor(program, other, first, last);
}

void filter_for_descriptors(const struct filter_places *places, int first, int last, struct filter_program *program)
{
    size_t from[4], count = 0;
    begin(program);
    size_t other = unless_one_of(program, moving, COUNT(moving));
    unless_descriptor(program, 0, first, last);
    from[count++] = jump(program);
    jump_here(program, other);
    other = unless_one_of(program, between_first_and_second, COUNT(between_first_and_second));
    unless_descriptors(program, 1, first, last);
    from[count++] = jump(program);
    jump_here(program, other);
    other = unless_one_of(program, between_first_and_third, COUNT(between_first_and_third));
    unless_descriptors(program, 2, first, last);
    from[count++] = jump(program);
    jump_here(program, other);
    other = unless_one_of(program, holding, COUNT(holding));
    unless_descriptor(program, 0, first, last);
    at_own_calls(places, program);
    let_pass(program);
    jump_here(program, other);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0);
    let_pass(program);
    unless_descriptor(program, 4, first, last);
    for (size_t i = 0; i < count; i++)
        jump_here(program, from[i]);
    at_own_calls(places, program);
    at_functions(&places->moving, program);
    let_pass(program);
}

void filter_for_windows(const struct filter_places *places, struct filter_program *program)
{
    begin(program);
    size_t other = unless_one_of(program, changing, COUNT(changing));
    at_own_calls(places, program);
    jump_here(program, other);
    let_pass(program);
}
