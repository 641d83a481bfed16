/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that ask to be traced by who has started them (ptrace(2), PTRACE_TRACEME), and then execute another. The net
 * stops that by a signal, which a tracer would see where it waits for the exec's alone. A child with the memory of its
 * parent (vfork(2)), which can do nothing else in between that a tracer could wait for, is traced from its exec on.
 */
#ifndef TRAPLINE_INTERPOSE_TRACED_H
#define TRAPLINE_INTERPOSE_TRACED_H

/* What such a child has asked for, before it executes a program. */
void traced_before_exec(void);

#endif
