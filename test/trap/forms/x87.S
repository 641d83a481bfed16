// SPDX-License-Identifier: Apache-2.0
// x87 and MMX.
#include "form.inc"

  form_with WITH_FLOAT32, "fld m32",  base, 4,  read,  0, flds (%rbx)
  form_with WITH_FLOAT64, "fld m64",  base, 8,  read,  0, fldl (%rbx)
  form_with WITH_FLOAT80, "fld m80",  base, 10, read,  0, fldt (%rbx)
  form "fst m32",              base, 4,  write, 0, fsts (%rbx)
  form "fst m64",              base, 8,  write, 0, fstl (%rbx)
  form "fstp m32",             base, 4,  write, 0, fstps (%rbx)
  form "fstp m64",             base, 8,  write, 0, fstpl (%rbx)
  form "fstp m80",             base, 10, write, 0, fstpt (%rbx)
  form "fild m16",             base, 2,  read,  0, filds (%rbx)
  form "fild m32",             base, 4,  read,  0, fildl (%rbx)
  form "fild m64",             base, 8,  read,  0, fildll (%rbx)
  form "fist m16",             base, 2,  write, 0, fists (%rbx)
  form "fist m32",             base, 4,  write, 0, fistl (%rbx)
  form "fistp m16",            base, 2,  write, 0, fistps (%rbx)
  form "fistp m32",            base, 4,  write, 0, fistpl (%rbx)
  form "fistp m64",            base, 8,  write, 0, fistpll (%rbx)
  form "fisttp m16",           sse3, 2,  write, 0, fisttps (%rbx)
  form "fisttp m32",           sse3, 4,  write, 0, fisttpl (%rbx)
  form "fisttp m64",           sse3, 8,  write, 0, fisttpll (%rbx)
  form "fbstp m80",            base, 10, write, 0, fbstp (%rbx)
  .irp op, add, sub, subr, mul, div, divr, com, comp
  form_with WITH_FLOAT32, "f\op m32", base, 4, read, 0, f\op\()s (%rbx)
  form_with WITH_FLOAT64, "f\op m64", base, 8, read, 0, f\op\()l (%rbx)
  form "fi\op m16",            base, 2,  read,  0, fi\op\()s (%rbx)
  form "fi\op m32",            base, 4,  read,  0, fi\op\()l (%rbx)
  .endr
  form_with WITH_X87_CONTROL, "fldcw m16", base, 2, read, 0, fldcw (%rbx)
  form "fnstcw m16",           base, 2,  write, 0, fnstcw (%rbx)
  form "fnstsw m16",           base, 2,  write, 0, fnstsw (%rbx)

  form "movd mm,m32",          base, 4,  read,  0, movd (%rbx), %mm1
  form "movq mm,m64",          base, 8,  read,  0, movq (%rbx), %mm2
  form "movd m32,mm",          base, 4,  write, 0, movd %mm3, (%rbx)
  form "movq m64,mm",          base, 8,  write, 0, movq %mm4, (%rbx)
  form "movntq m64,mm",        base, 8,  write, 0, movntq %mm5, (%rbx)
  form_on rdi, "maskmovq [rdi],mm,mm", base, 8, write, 0, maskmovq %mm1, %mm2
  form "punpcklbw mm,m32",     base, 4,  read,  0, punpcklbw (%rbx), %mm6
  .irp op, paddb, paddw, paddd, psubb, pand, pandn, por, pxor, pcmpeqb, pcmpgtd, pmullw, pmaddwd, \
    psllw, psrlq, packsswb, pavgb
  form "\op mm,m64",           base, 8,  read,  0, \op (%rbx), %mm3
  .endr
  form "pshufw mm,m64,imm8",   base, 8,  read,  0, pshufw $0x1b, (%rbx), %mm0
  form "pinsrw mm,m16,imm8",   base, 2,  read,  0, pinsrw $2, (%rbx), %mm7
  form "pshufb mm,m64",        ssse3, 8, read,  0, pshufb (%rbx), %mm1
  form "palignr mm,m64,imm8",  ssse3, 8, read,  0, palignr $3, (%rbx), %mm2
  form "cvtpi2ps xmm,m64",     base, 8,  read,  0, cvtpi2ps (%rbx), %xmm1
  form_with WITH_FLOAT32, "cvtps2pi mm,m64", base, 8, read, 0, cvtps2pi (%rbx), %mm1
