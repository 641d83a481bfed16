/* SPDX-License-Identifier: Apache-2.0
 *
 * A system call by the kernel's table for 32-bit programs (i386), as such a program has made it, which the net then
 * lets pass: the mark by which it is known is in the upper half of its last register, which only code of 64 bits has.
 * Fault path.
 */
#ifndef TRAPLINE_NET_CALL32_H
#define TRAPLINE_NET_CALL32_H

/* Above EBP. The kernel shows filters whole registers, and takes their lower halves. */
#define CALL32_MARK 0x7471f471

#ifndef __ASSEMBLER__
/* What the kernel gives, of 32 bits: no call of ours asks for an address. */
long call32(long number, const long arguments[6]);
#endif

#endif
