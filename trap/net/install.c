/* SPDX-License-Identifier: Apache-2.0 */
#include "install.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "ground/kernel_signals.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "lane/process_lock.h"

static process_lock looking;

uint64_t install_begin(void)
{
    return process_lock_take(&looking);
}

void install_end(uint64_t before)
{
    process_lock_give(&looking, before);
}

/* Who has no rights to give up needs no promise for it (seccomp(2)). */
static long install(const struct filter_program *program)
{
    struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = (struct sock_filter *)program->code};
    long result = raw_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    if (result != -EACCES)
        return result;
    raw_syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return raw_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
}

struct filter_program *install_room(void)
{
    long start = raw_syscall(SYS_mmap, NULL, sizeof(struct filter_program), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start < 0 && start > -(long)PAGE_BYTES ? NULL : (struct filter_program *)start;
}

void install_room_back(struct filter_program *program)
{
    raw_syscall(SYS_munmap, program, sizeof *program);
}

long install_everywhere(const struct filter_program *program)
{
    struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = (struct sock_filter *)program->code};
    if (program->length > FILTER_MAX_LENGTH)
        return -EINVAL;
    long result = install(program);
    return result > 0 ? raw_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) : result;
}
