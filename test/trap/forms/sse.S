// SPDX-License-Identifier: Apache-2.0
// SSE to SSE4.2: moves, arithmetic, conversions, inserts and extracts. Legacy encodings keep the upper vector bits.
#include "form.inc"

  form "movd xmm,m32",         base, 4,  read,  0, movd (%rbx), %xmm1
  form "movq xmm,m64",         base, 8,  read,  0, movq (%rbx), %xmm9
  form "movss xmm,m32",        base, 4,  read,  0, movss (%rbx), %xmm2
  form "movsd xmm,m64",        base, 8,  read,  0, movsd (%rbx), %xmm10
  form "movd m32,xmm",         base, 4,  write, 0, movd %xmm3, (%rbx)
  form "movq m64,xmm",         base, 8,  write, 0, movq %xmm11, (%rbx)
  form "movss m32,xmm",        base, 4,  write, 0, movss %xmm4, (%rbx)
  form "movsd m64,xmm",        base, 8,  write, 0, movsd %xmm12, (%rbx)
  .irp op, movaps, movups, movapd, movupd, movdqa, movdqu
  form "\op xmm,m128",         base, 16, read,  0, \op (%rbx), %xmm5
  form "\op m128,xmm",         base, 16, write, 0, \op %xmm13, (%rbx)
  .endr
  .irp op, movlps, movhps, movlpd, movhpd
  form "\op xmm,m64",          base, 8,  read,  0, \op (%rbx), %xmm6
  form "\op m64,xmm",          base, 8,  write, 0, \op %xmm14, (%rbx)
  .endr
  .irp op, movntdq, movntps, movntpd
  form "\op m128,xmm",         base, 16, write, 0, \op %xmm7, (%rbx)
  .endr
  form "movntdqa xmm,m128",    sse4.1, 16, read, 0, movntdqa (%rbx), %xmm8
  form "lddqu xmm,m128",       sse3, 16, read,  0, lddqu (%rbx), %xmm1
  form "movddup xmm,m64",      sse3, 8,  read,  0, movddup (%rbx), %xmm2
  form "movshdup xmm,m128",    sse3, 16, read,  0, movshdup (%rbx), %xmm3
  form "movsldup xmm,m128",    sse3, 16, read,  0, movsldup (%rbx), %xmm4
  form "movntss m32,xmm",      sse4a, 4, write, 0, movntss %xmm1, (%rbx)
  form "movntsd m64,xmm",      sse4a, 8, write, 0, movntsd %xmm2, (%rbx)
  form_on rdi, "maskmovdqu [rdi],xmm,xmm", base, 16, write, 0, maskmovdqu %xmm1, %xmm2
  form_with WITH_DESTINATION, "movdir64b [rdi],m512", movdir64b, 64, write, 0, movdir64b (%rsi), %rdi

  .irp op, add, sub, mul, div, min, max
  form_with WITH_FLOAT32, "\op\()ss xmm,m32",  base, 4,  read, 0, \op\()ss (%rbx), %xmm1
  form_with WITH_FLOAT64, "\op\()sd xmm,m64",  base, 8,  read, 0, \op\()sd (%rbx), %xmm9
  form_with WITH_FLOAT32, "\op\()ps xmm,m128", base, 16, read, 0, \op\()ps (%rbx), %xmm2
  form_with WITH_FLOAT64, "\op\()pd xmm,m128", base, 16, read, 0, \op\()pd (%rbx), %xmm10
  .endr
  form_with WITH_FLOAT32, "sqrtss xmm,m32",   base, 4,  read, 0, sqrtss (%rbx), %xmm3
  form_with WITH_FLOAT64, "sqrtsd xmm,m64",   base, 8,  read, 0, sqrtsd (%rbx), %xmm11
  form_with WITH_FLOAT32, "rcpps xmm,m128",   base, 16, read, 0, rcpps (%rbx), %xmm4
  form_with WITH_FLOAT32, "rsqrtss xmm,m32",  base, 4,  read, 0, rsqrtss (%rbx), %xmm4
  form_with WITH_FLOAT32, "comiss xmm,m32",   base, 4,  read, 0, comiss (%rbx), %xmm5
  form_with WITH_FLOAT64, "comisd xmm,m64",   base, 8,  read, 0, comisd (%rbx), %xmm5
  form_with WITH_FLOAT32, "ucomiss xmm,m32",  base, 4,  read, 0, ucomiss (%rbx), %xmm6
  form_with WITH_FLOAT64, "ucomisd xmm,m64",  base, 8,  read, 0, ucomisd (%rbx), %xmm6
  form_with WITH_FLOAT32, "cmpltps xmm,m128", base, 16, read, 0, cmpltps (%rbx), %xmm7
  form_with WITH_FLOAT64, "cmpneqsd xmm,m64", base, 8,  read, 0, cmpneqsd (%rbx), %xmm7
  form_with WITH_FLOAT32, "haddps xmm,m128",  sse3, 16, read, 0, haddps (%rbx), %xmm8
  form_with WITH_FLOAT32, "addsubps xmm,m128", sse3, 16, read, 0, addsubps (%rbx), %xmm8
  form_with WITH_FLOAT32, "roundps xmm,m128,imm8", sse4.1, 16, read, 0, roundps $1, (%rbx), %xmm1
  form_with WITH_FLOAT64, "roundsd xmm,m64,imm8",  sse4.1, 8,  read, 0, roundsd $4, (%rbx), %xmm2
  form_with WITH_FLOAT32, "dpps xmm,m128,imm8",    sse4.1, 16, read, 0, dpps $0xf1, (%rbx), %xmm3

  form "cvtsi2sd xmm,m32",     base, 4,  read, 0, cvtsi2sdl (%rbx), %xmm1
  form "cvtsi2sd xmm,m64",     base, 8,  read, 0, cvtsi2sdq (%rbx), %xmm2
  form "cvtsi2ss xmm,m32",     base, 4,  read, 0, cvtsi2ssl (%rbx), %xmm3
  form "cvtsi2ss xmm,m64",     base, 8,  read, 0, cvtsi2ssq (%rbx), %xmm4
  form_with WITH_FLOAT64, "cvttsd2si r32,m64", base, 8,  read, 0, cvttsd2si (%rbx), %ecx
  form_with WITH_FLOAT64, "cvttsd2si r64,m64", base, 8,  read, 0, cvttsd2si (%rbx), %r9
  form_with WITH_FLOAT64, "cvtsd2si r64,m64",  base, 8,  read, 0, cvtsd2si (%rbx), %rdx
  form_with WITH_FLOAT32, "cvttss2si r32,m32", base, 4,  read, 0, cvttss2si (%rbx), %esi
  form_with WITH_FLOAT32, "cvtss2sd xmm,m32",  base, 4,  read, 0, cvtss2sd (%rbx), %xmm5
  form_with WITH_FLOAT64, "cvtsd2ss xmm,m64",  base, 8,  read, 0, cvtsd2ss (%rbx), %xmm6
  form_with WITH_FLOAT32, "cvtps2pd xmm,m64",  base, 8,  read, 0, cvtps2pd (%rbx), %xmm7
  form_with WITH_FLOAT32, "cvttps2dq xmm,m128", base, 16, read, 0, cvttps2dq (%rbx), %xmm8
  form "cvtdq2ps xmm,m128",    base, 16, read, 0, cvtdq2ps (%rbx), %xmm1
  form "cvtdq2pd xmm,m64",     base, 8,  read, 0, cvtdq2pd (%rbx), %xmm2

  .irp op, paddb, paddw, paddd, paddq, psubd, pand, pandn, por, pxor, pcmpeqb, pcmpgtw, pmullw, pmuludq, \
    pmaddwd, psadbw, psllq, psraw, packuswb, punpcklbw, punpckhqdq, pmaxub, andps, xorpd, unpcklps
  form "\op xmm,m128",         base, 16, read, 0, \op (%rbx), %xmm3
  .endr
  form "pshufd xmm,m128,imm8", base, 16, read, 0, pshufd $0x1b, (%rbx), %xmm4
  form "pshuflw xmm,m128,imm8", base, 16, read, 0, pshuflw $0x4e, (%rbx), %xmm5
  form "shufps xmm,m128,imm8", base, 16, read, 0, shufps $0xb1, (%rbx), %xmm6
  .irp op, pshufb, pabsd, phaddw, pmulhrsw, psignb
  form "\op xmm,m128",         ssse3, 16, read, 0, \op (%rbx), %xmm10
  .endr
  form "palignr xmm,m128,imm8", ssse3, 16, read, 0, palignr $5, (%rbx), %xmm11

  .irp op, pmulld, pminsd, pcmpeqq, packusdw, phminposuw, pblendvb, blendvps, blendvpd
  form "\op xmm,m128",         sse4.1, 16, read, 0, \op (%rbx), %xmm5
  .endr
  form "pcmpgtq xmm,m128",     sse4.2, 16, read, 0, pcmpgtq (%rbx), %xmm5
  form "ptest xmm,m128",       sse4.1, 16, read, 0, ptest (%rbx), %xmm6
  form "pblendw xmm,m128,imm8", sse4.1, 16, read, 0, pblendw $0x5a, (%rbx), %xmm7
  form "mpsadbw xmm,m128,imm8", sse4.1, 16, read, 0, mpsadbw $5, (%rbx), %xmm8
  form "pmovzxbd xmm,m32",     sse4.1, 4,  read, 0, pmovzxbd (%rbx), %xmm1
  form "pmovsxwq xmm,m32",     sse4.1, 4,  read, 0, pmovsxwq (%rbx), %xmm2
  form "pmovsxbw xmm,m64",     sse4.1, 8,  read, 0, pmovsxbw (%rbx), %xmm3
  form "pmovzxbq xmm,m16",     sse4.1, 2,  read, 0, pmovzxbq (%rbx), %xmm4
  form "pinsrb xmm,m8,imm8",   sse4.1, 1,  read, 0, pinsrb $5, (%rbx), %xmm1
  form "pinsrw xmm,m16,imm8",  base, 2,    read, 0, pinsrw $3, (%rbx), %xmm2
  form "pinsrd xmm,m32,imm8",  sse4.1, 4,  read, 0, pinsrd $2, (%rbx), %xmm3
  form "pinsrq xmm,m64,imm8",  sse4.1, 8,  read, 0, pinsrq $1, (%rbx), %xmm4
  form "insertps xmm,m32,imm8", sse4.1, 4, read, 0, insertps $0x20, (%rbx), %xmm5
  form "pextrb m8,xmm,imm8",   sse4.1, 1,  write, 0, pextrb $7, %xmm1, (%rbx)
  form "pextrw m16,xmm,imm8",  sse4.1, 2,  write, 0, pextrw $6, %xmm2, (%rbx)
  form "pextrd m32,xmm,imm8",  sse4.1, 4,  write, 0, pextrd $3, %xmm3, (%rbx)
  form "pextrq m64,xmm,imm8",  sse4.1, 8,  write, 0, pextrq $1, %xmm4, (%rbx)
  form "extractps m32,xmm,imm8", sse4.1, 4, write, 0, extractps $2, %xmm5, (%rbx)
  form_with WITH_LENGTHS, "pcmpestri xmm,m128,imm8", sse4.2, 16, read, 0, pcmpestri $0x0c, (%rbx), %xmm1
  form_with WITH_LENGTHS, "pcmpestrm xmm,m128,imm8", sse4.2, 16, read, 0, pcmpestrm $0x48, (%rbx), %xmm2
  form "pcmpistri xmm,m128,imm8", sse4.2, 16, read, 0, pcmpistri $0x18, (%rbx), %xmm3
  form "pcmpistrm xmm,m128,imm8", sse4.2, 16, read, 0, pcmpistrm $0x40, (%rbx), %xmm4
  form "aesenc xmm,m128",      aes, 16,    read, 0, aesenc (%rbx), %xmm5
  form "pclmulqdq xmm,m128,imm8", pclmul, 16, read, 0, pclmulqdq $0x10, (%rbx), %xmm6
  form "sha256msg1 xmm,m128",  sha, 16,    read, 0, sha256msg1 (%rbx), %xmm7

  form_with WITH_SSE_CONTROL, "ldmxcsr m32", base, 4, read, 0, ldmxcsr (%rbx)
  form "stmxcsr m32",          base, 4, write, 0, stmxcsr (%rbx)
