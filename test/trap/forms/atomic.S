// SPDX-License-Identifier: Apache-2.0
// Exchanges, compare-and-exchange, and every instruction that takes a lock prefix.
#include "form.inc"

  // xchg with memory locks by itself
  form "xchg m8,r8",           base, 1, rmw, 0, xchg %ah, (%rbx)
  form "xchg m16,r16",         base, 2, rmw, 0, xchg %cx, (%rbx)
  form "xchg m32,r32",         base, 4, rmw, 0, xchg %edx, (%rbx)
  form "xchg m64,r64",         base, 8, rmw, 0, xchg %r9, (%rbx)

  .macro equal_pair name, feature, width, access, undefined, insn:vararg
  form_record WITH_EQUAL_PAIR, rsi, none, 1, 0, none, 0, "\name", "\feature", \width, \access, \undefined, \insn
  .endm

  .macro exchanges prefix
  form "\prefix\()xadd m8,r8",   base, 1, rmw, 0, \prefix\()xadd %cl, (%rbx)
  form "\prefix\()xadd m16,r16", base, 2, rmw, 0, \prefix\()xadd %dx, (%rbx)
  form "\prefix\()xadd m32,r32", base, 4, rmw, 0, \prefix\()xadd %esi, (%rbx)
  form "\prefix\()xadd m64,r64", base, 8, rmw, 0, \prefix\()xadd %r8, (%rbx)
  form "\prefix\()cmpxchg m8,r8",   base, 1, rmw, 0, \prefix\()cmpxchg %cl, (%rbx)
  form "\prefix\()cmpxchg m16,r16", base, 2, rmw, 0, \prefix\()cmpxchg %dx, (%rbx)
  form "\prefix\()cmpxchg m32,r32", base, 4, rmw, 0, \prefix\()cmpxchg %esi, (%rbx)
  form "\prefix\()cmpxchg m64,r64", base, 8, rmw, 0, \prefix\()cmpxchg %r8, (%rbx)
  form_with WITH_EQUAL, "\prefix\()cmpxchg m8,r8, equal",   base, 1, rmw, 0, \prefix\()cmpxchg %cl, (%rbx)
  form_with WITH_EQUAL, "\prefix\()cmpxchg m16,r16, equal", base, 2, rmw, 0, \prefix\()cmpxchg %dx, (%rbx)
  form_with WITH_EQUAL, "\prefix\()cmpxchg m32,r32, equal", base, 4, rmw, 0, \prefix\()cmpxchg %esi, (%rbx)
  form_with WITH_EQUAL, "\prefix\()cmpxchg m64,r64, equal", base, 8, rmw, 0, \prefix\()cmpxchg %r8, (%rbx)
  // RBX is an operand of these two, so the address is in RSI
  form_on rsi, "\prefix\()cmpxchg8b m64", base, 8, rmw, 0, \prefix\()cmpxchg8b (%rsi)
  equal_pair "\prefix\()cmpxchg8b m64, equal", base, 8, rmw, 0, \prefix\()cmpxchg8b (%rsi)
  form_on rsi, "\prefix\()cmpxchg16b m128", cmpxchg16b, 16, rmw, 0, \prefix\()cmpxchg16b (%rsi)
  equal_pair "\prefix\()cmpxchg16b m128, equal", cmpxchg16b, 16, rmw, 0, \prefix\()cmpxchg16b (%rsi)
  .endm
  exchanges ""
  exchanges "lock "

  .macro locked op, undefined
  form "lock \op m8,r8",       base, 1, rmw, \undefined, lock \op %ch, (%rbx)
  form "lock \op m16,r16",     base, 2, rmw, \undefined, lock \op %dx, (%rbx)
  form "lock \op m32,r32",     base, 4, rmw, \undefined, lock \op %r9d, (%rbx)
  form "lock \op m64,r64",     base, 8, rmw, \undefined, lock \op %rsi, (%rbx)
  form "lock \op m32,imm8",    base, 4, rmw, \undefined, lock \op\()l $0x3c, (%rbx)
  form "lock \op m64,imm32",   base, 8, rmw, \undefined, lock \op\()q $0x3c3c3c3c, (%rbx)
  .endm
  locked add, 0
  locked or,  AF
  locked adc, 0
  locked sbb, 0
  locked and, AF
  locked sub, 0
  locked xor, AF

  .irp op, inc, dec, not, neg
  form "lock \op m8",          base, 1, rmw, 0, lock \op\()b (%rbx)
  form "lock \op m32",         base, 4, rmw, 0, lock \op\()l (%rbx)
  form "lock \op m64",         base, 8, rmw, 0, lock \op\()q (%rbx)
  .endr
  .irp op, bts, btr, btc
  form "lock \op m32,imm8",    base, 4, rmw, OF|SF|AF|PF, lock \op\()l $19, (%rbx)
  form_with WITH_BIT_INDEX, "lock \op m64,r64", base, 8, rmw, OF|SF|AF|PF, lock \op %rcx, (%rbx)
  .endr
  form "lock xchg m32,r32",    base, 4, rmw, 0, lock xchg %edx, (%rbx)
