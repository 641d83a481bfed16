// SPDX-License-Identifier: Apache-2.0
// Shifts, rotates, bit tests, bit scans, BMI and CRC.
#include "form.inc"

  .macro shift op, undefined_by_1, undefined_by_n
  form "\op m8,1",             base, 1, rmw, \undefined_by_1, \op\()b (%rbx)
  form "\op m16,1",            base, 2, rmw, \undefined_by_1, \op\()w (%rbx)
  form "\op m32,1",            base, 4, rmw, \undefined_by_1, \op\()l (%rbx)
  form "\op m64,1",            base, 8, rmw, \undefined_by_1, \op\()q (%rbx)
  form "\op m8,imm8",          base, 1, rmw, \undefined_by_n, \op\()b $3, (%rbx)
  form "\op m16,imm8",         base, 2, rmw, \undefined_by_n, \op\()w $5, (%rbx)
  form "\op m32,imm8",         base, 4, rmw, \undefined_by_n, \op\()l $17, (%rbx)
  form "\op m64,imm8",         base, 8, rmw, \undefined_by_n, \op\()q $41, (%rbx)
  form_with WITH_SMALL_COUNT, "\op m8,cl",  base, 1, rmw, \undefined_by_n, \op\()b %cl, (%rbx)
  form_with WITH_SMALL_COUNT, "\op m16,cl", base, 2, rmw, \undefined_by_n, \op\()w %cl, (%rbx)
  form_with WITH_SMALL_COUNT, "\op m32,cl", base, 4, rmw, \undefined_by_n, \op\()l %cl, (%rbx)
  form_with WITH_SMALL_COUNT, "\op m64,cl", base, 8, rmw, \undefined_by_n, \op\()q %cl, (%rbx)
  .endm
  shift shl, AF, AF|OF
  shift shr, AF, AF|OF
  shift sar, AF, AF|OF
  shift rol, 0, OF
  shift ror, 0, OF
  shift rcl, 0, OF
  shift rcr, 0, OF

  .irp op, shld, shrd
  form "\op m16,r16,imm8",     base, 2, rmw, AF|OF, \op $5, %dx, (%rbx)
  form "\op m32,r32,imm8",     base, 4, rmw, AF|OF, \op $13, %r9d, (%rbx)
  form "\op m64,r64,imm8",     base, 8, rmw, AF|OF, \op $47, %rsi, (%rbx)
  form_with WITH_SMALL_COUNT, "\op m32,r32,cl", base, 4, rmw, AF|OF, \op %cl, %edx, (%rbx)
  form_with WITH_SMALL_COUNT, "\op m64,r64,cl", base, 8, rmw, AF|OF, \op %cl, %r10, (%rbx)
  .endr

  .macro bit_test op, access
  form "\op m16,imm8",         base, 2, \access, OF|SF|AF|PF, \op\()w $9, (%rbx)
  form "\op m32,imm8",         base, 4, \access, OF|SF|AF|PF, \op\()l $30, (%rbx)
  form "\op m64,imm8",         base, 8, \access, OF|SF|AF|PF, \op\()q $57, (%rbx)
  form_with WITH_BIT_INDEX, "\op m16,r16", base, 2, \access, OF|SF|AF|PF, \op %cx, (%rbx)
  form_with WITH_BIT_INDEX, "\op m32,r32", base, 4, \access, OF|SF|AF|PF, \op %ecx, (%rbx)
  form_with WITH_BIT_INDEX, "\op m64,r64", base, 8, \access, OF|SF|AF|PF, \op %rcx, (%rbx)
  form_with WITH_FAR_BIT, "\op m32,r32, next operand", base, 4, \access, OF|SF|AF|PF, \op %ecx, (%rbx)
  form_with WITH_NEGATIVE_BIT, "\op m64,r64, previous operand", base, 8, \access, OF|SF|AF|PF, \op %rcx, (%rbx)
  .endm
  bit_test bt,  read
  bit_test bts, rmw
  bit_test btr, rmw
  bit_test btc, rmw

  .irp op, bsf, bsr
  form_with WITH_NONZERO, "\op r16,m16", base, 2, read, CF|OF|SF|AF|PF, \op (%rbx), %cx
  form_with WITH_NONZERO, "\op r32,m32", base, 4, read, CF|OF|SF|AF|PF, \op (%rbx), %edx
  form_with WITH_NONZERO, "\op r64,m64", base, 8, read, CF|OF|SF|AF|PF, \op (%rbx), %r9
  .endr
  form "popcnt r16,m16",       popcnt, 2, read, 0, popcnt (%rbx), %cx
  form "popcnt r32,m32",       popcnt, 4, read, 0, popcnt (%rbx), %edx
  form "popcnt r64,m64",       popcnt, 8, read, 0, popcnt (%rbx), %r9
  form "lzcnt r16,m16",        lzcnt, 2, read, OF|SF|PF|AF, lzcnt (%rbx), %cx
  form "lzcnt r32,m32",        lzcnt, 4, read, OF|SF|PF|AF, lzcnt (%rbx), %edx
  form "lzcnt r64,m64",        lzcnt, 8, read, OF|SF|PF|AF, lzcnt (%rbx), %r9
  form "tzcnt r16,m16",        bmi, 2, read, OF|SF|PF|AF, tzcnt (%rbx), %cx
  form "tzcnt r32,m32",        bmi, 4, read, OF|SF|PF|AF, tzcnt (%rbx), %edx
  form "tzcnt r64,m64",        bmi, 8, read, OF|SF|PF|AF, tzcnt (%rbx), %r9

  form "andn r32,r32,m32",     bmi, 4, read, AF|PF, andn (%rbx), %ecx, %edx
  form "andn r64,r64,m64",     bmi, 8, read, AF|PF, andn (%rbx), %r8, %r9
  form "bextr r32,m32,r32",    bmi, 4, read, AF|SF|PF, bextr %ecx, (%rbx), %edx
  form "bextr r64,m64,r64",    bmi, 8, read, AF|SF|PF, bextr %rcx, (%rbx), %r9
  form "blsi r32,m32",         bmi, 4, read, AF|PF, blsi (%rbx), %ecx
  form "blsi r64,m64",         bmi, 8, read, AF|PF, blsi (%rbx), %r8
  form "blsr r32,m32",         bmi, 4, read, AF|PF, blsr (%rbx), %ecx
  form "blsr r64,m64",         bmi, 8, read, AF|PF, blsr (%rbx), %r8
  form "blsmsk r32,m32",       bmi, 4, read, AF|PF, blsmsk (%rbx), %ecx
  form "blsmsk r64,m64",       bmi, 8, read, AF|PF, blsmsk (%rbx), %r8
  form "bzhi r32,m32,r32",     bmi2, 4, read, AF|PF, bzhi %ecx, (%rbx), %edx
  form "bzhi r64,m64,r64",     bmi2, 8, read, AF|PF, bzhi %rcx, (%rbx), %r9
  form "pdep r32,r32,m32",     bmi2, 4, read, 0, pdep (%rbx), %ecx, %edx
  form "pdep r64,r64,m64",     bmi2, 8, read, 0, pdep (%rbx), %rcx, %r9
  form "pext r32,r32,m32",     bmi2, 4, read, 0, pext (%rbx), %ecx, %edx
  form "pext r64,r64,m64",     bmi2, 8, read, 0, pext (%rbx), %rcx, %r9
  form "rorx r32,m32,imm8",    bmi2, 4, read, 0, rorx $7, (%rbx), %ecx
  form "rorx r64,m64,imm8",    bmi2, 8, read, 0, rorx $39, (%rbx), %r8
  .irp op, sarx, shlx, shrx
  form "\op r32,m32,r32",      bmi2, 4, read, 0, \op %ecx, (%rbx), %edx
  form "\op r64,m64,r64",      bmi2, 8, read, 0, \op %r8, (%rbx), %r9
  .endr

  form "crc32 r32,m8",         sse4.2, 1, read, 0, crc32b (%rbx), %ecx
  form "crc32 r32,m16",        sse4.2, 2, read, 0, crc32w (%rbx), %edx
  form "crc32 r32,m32",        sse4.2, 4, read, 0, crc32l (%rbx), %r8d
  form "crc32 r64,m8",         sse4.2, 1, read, 0, crc32b (%rbx), %r9
  form "crc32 r64,m64",        sse4.2, 8, read, 0, crc32q (%rbx), %rcx
