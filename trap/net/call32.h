/* SPDX-License-Identifier: Apache-2.0
 *
 * A system call by the kernel's table for 32-bit programs (i386), as such a program has made it, which the net then
 * lets pass: one of at most five arguments, for the mark by which it is known is the sixth. Fault path.
 */
#ifndef TRAPLINE_NET_CALL32_H
#define TRAPLINE_NET_CALL32_H

/* In EBP; odd and above all stacks, so no pointer to a frame. */
#define CALL32_MARK 0xfffff471

#ifndef __ASSEMBLER__
/* What the kernel gives, of 32 bits: no call of ours asks for an address. */
long call32(long number, const long arguments[5]);
#endif

#endif
