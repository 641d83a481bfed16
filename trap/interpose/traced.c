/* SPDX-License-Identifier: Apache-2.0 */
#include "traced.h"

#include <linux/kcmp.h>
#include <stdbool.h>
#include <sys/ptrace.h>

#include "by_number.h"
#include "kernel_call.h"
#include "lane/channel.h"

/* The child that has asked; 0: none. It lies in the memory of the parent, other threads of which may have such children
 * too. */
static __thread __attribute__((tls_model("initial-exec"))) int asking;

/* The kernel knows (kcmp(2)), where it may be asked. */
static bool has_parents_memory(void)
{
    long self = raw_syscall(SYS_getpid), parent = raw_syscall(SYS_getppid);
    long result = raw_syscall(SYS_kcmp, self, parent, KCMP_VM);
    return result == 0 || (result < 0 && channel_is_borrowed());
}

long carry_ptrace(const long a[6])
{
    if (a[0] != PTRACE_TRACEME || !has_parents_memory())
        return KERNEL_CALL(SYS_ptrace, a[0], a[1], a[2], a[3]);
    asking = (int)raw_syscall(SYS_getpid);
    return 0;
}

void traced_before_exec(void)
{
    if (asking == 0)
        return;
    if (asking == (int)raw_syscall(SYS_getpid))
        raw_syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
    asking = 0;
}
