// SPDX-License-Identifier: Apache-2.0
// Stack, calls and jumps through memory, table look-up, and instructions that name memory but make no access.
#include "form.inc"

  form "push m16",             base, 2, read,  0, pushw (%rbx)
  form "push m64",             base, 8, read,  0, pushq (%rbx)
  form "pop m16",              base, 2, write, 0, popw (%rbx)
  form "pop m64",              base, 8, write, 0, popq (%rbx)
  form_with WITH_CODE_POINTER, "call m64", base, 8, read, 0, call *(%rbx)
  form_with WITH_CODE_POINTER, "jmp m64",  base, 8, read, 0, jmp *(%rbx)
  form_with WITH_TABLE_INDEX,  "xlat m8",  base, 1, read, 0, xlat

  form_with WITH_LOW, "lea r32,m", base, 8, none, 0, lea (%rbx), %ecx
  form "lea r64,m",            base, 8, none, 0, lea 0x20(%rbx), %rcx
  form "nop m16",              base, 2, none, 0, nopw (%rbx)
  form "nop m32",              base, 4, none, 0, nopl (%rbx)
  form "prefetcht0 m8",        base, 1, none, 0, prefetcht0 (%rbx)
  form "prefetcht1 m8",        base, 1, none, 0, prefetcht1 (%rbx)
  form "prefetcht2 m8",        base, 1, none, 0, prefetcht2 (%rbx)
  form "prefetchnta m8",       base, 1, none, 0, prefetchnta (%rbx)
  form "prefetchw m8",         prfchw, 1, none, 0, prefetchw (%rbx)
  form "clflush m8",           base, 1, none, 0, clflush (%rbx)
  form "clflushopt m8",        clflushopt, 1, none, 0, clflushopt (%rbx)
  form "clwb m8",              clwb, 1, none, 0, clwb (%rbx)
