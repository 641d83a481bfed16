// SPDX-License-Identifier: Apache-2.0
// AVX, AVX2, FMA and F16C: VEX encodings, which clear the vector bits above their own width.
#include "form.inc"

  form "vmovd xmm,m32",        avx, 4,  read,  0, vmovd (%rbx), %xmm1
  form "vmovq xmm,m64",        avx, 8,  read,  0, vmovq (%rbx), %xmm9
  form "vmovss xmm,m32",       avx, 4,  read,  0, vmovss (%rbx), %xmm2
  form "vmovsd xmm,m64",       avx, 8,  read,  0, vmovsd (%rbx), %xmm10
  form "vmovd m32,xmm",        avx, 4,  write, 0, vmovd %xmm3, (%rbx)
  form "vmovq m64,xmm",        avx, 8,  write, 0, vmovq %xmm11, (%rbx)
  form "vmovss m32,xmm",       avx, 4,  write, 0, vmovss %xmm4, (%rbx)
  form "vmovsd m64,xmm",       avx, 8,  write, 0, vmovsd %xmm12, (%rbx)
  form "vmovhps xmm,xmm,m64",  avx, 8,  read,  0, vmovhps (%rbx), %xmm3, %xmm4
  form "vmovlpd xmm,xmm,m64",  avx, 8,  read,  0, vmovlpd (%rbx), %xmm5, %xmm6
  form "vmovhpd m64,xmm",      avx, 8,  write, 0, vmovhpd %xmm7, (%rbx)
  form "vmovlps m64,xmm",      avx, 8,  write, 0, vmovlps %xmm8, (%rbx)
  .irp op, vmovaps, vmovups, vmovapd, vmovupd, vmovdqa, vmovdqu
  form "\op xmm,m128",         avx, 16, read,  0, \op (%rbx), %xmm5
  form "\op m128,xmm",         avx, 16, write, 0, \op %xmm13, (%rbx)
  form "\op ymm,m256",         avx, 32, read,  0, \op (%rbx), %ymm6
  form "\op m256,ymm",         avx, 32, write, 0, \op %ymm14, (%rbx)
  .endr
  .irp op, vmovntdq, vmovntps, vmovntpd
  form "\op m128,xmm",         avx, 16, write, 0, \op %xmm7, (%rbx)
  form "\op m256,ymm",         avx, 32, write, 0, \op %ymm15, (%rbx)
  .endr
  form "vmovntdqa xmm,m128",   avx, 16, read,  0, vmovntdqa (%rbx), %xmm1
  form "vmovntdqa ymm,m256",   avx2, 32, read, 0, vmovntdqa (%rbx), %ymm2
  form "vlddqu ymm,m256",      avx, 32, read,  0, vlddqu (%rbx), %ymm3
  form "vmovddup ymm,m256",    avx, 32, read,  0, vmovddup (%rbx), %ymm4

  // broadcasts, inserts, extracts
  form "vbroadcastss xmm,m32", avx, 4,  read,  0, vbroadcastss (%rbx), %xmm1
  form "vbroadcastss ymm,m32", avx, 4,  read,  0, vbroadcastss (%rbx), %ymm2
  form "vbroadcastsd ymm,m64", avx, 8,  read,  0, vbroadcastsd (%rbx), %ymm3
  form "vbroadcastf128 ymm,m128", avx, 16, read, 0, vbroadcastf128 (%rbx), %ymm4
  form "vbroadcasti128 ymm,m128", avx2, 16, read, 0, vbroadcasti128 (%rbx), %ymm5
  form "vpbroadcastb xmm,m8",  avx2, 1, read,  0, vpbroadcastb (%rbx), %xmm6
  form "vpbroadcastb ymm,m8",  avx2, 1, read,  0, vpbroadcastb (%rbx), %ymm7
  form "vpbroadcastw ymm,m16", avx2, 2, read,  0, vpbroadcastw (%rbx), %ymm8
  form "vpbroadcastd ymm,m32", avx2, 4, read,  0, vpbroadcastd (%rbx), %ymm9
  form "vpbroadcastq ymm,m64", avx2, 8, read,  0, vpbroadcastq (%rbx), %ymm10
  form "vinsertf128 ymm,ymm,m128,imm8",  avx, 16, read,  0, vinsertf128 $1, (%rbx), %ymm1, %ymm2
  form "vinserti128 ymm,ymm,m128,imm8",  avx2, 16, read, 0, vinserti128 $0, (%rbx), %ymm3, %ymm4
  form "vextractf128 m128,ymm,imm8",     avx, 16, write, 0, vextractf128 $1, %ymm5, (%rbx)
  form "vextracti128 m128,ymm,imm8",     avx2, 16, write, 0, vextracti128 $0, %ymm6, (%rbx)
  form "vpinsrb xmm,xmm,m8,imm8",  avx, 1, read,  0, vpinsrb $9, (%rbx), %xmm1, %xmm2
  form "vpinsrd xmm,xmm,m32,imm8", avx, 4, read,  0, vpinsrd $1, (%rbx), %xmm3, %xmm4
  form "vpextrw m16,xmm,imm8",     avx, 2, write, 0, vpextrw $5, %xmm5, (%rbx)
  form "vpextrq m64,xmm,imm8",     avx, 8, write, 0, vpextrq $0, %xmm6, (%rbx)
  form "vpmovzxbw ymm,m128",   avx2, 16, read, 0, vpmovzxbw (%rbx), %ymm1
  form "vpmovsxdq ymm,m128",   avx2, 16, read, 0, vpmovsxdq (%rbx), %ymm2

  // masked moves: the bytes that the mask leaves out are neither read nor written
  form "vmaskmovps xmm,xmm,m128", avx, 16, read,  0, vmaskmovps (%rbx), %xmm1, %xmm2
  form "vmaskmovps ymm,ymm,m256", avx, 32, read,  0, vmaskmovps (%rbx), %ymm3, %ymm4
  form "vmaskmovps m256,ymm,ymm", avx, 32, write, 0, vmaskmovps %ymm5, %ymm6, (%rbx)
  form "vmaskmovpd m256,ymm,ymm", avx, 32, write, 0, vmaskmovpd %ymm7, %ymm8, (%rbx)
  form "vpmaskmovd xmm,xmm,m128", avx2, 16, read, 0, vpmaskmovd (%rbx), %xmm1, %xmm2
  form "vpmaskmovd ymm,ymm,m256", avx2, 32, read, 0, vpmaskmovd (%rbx), %ymm9, %ymm10
  form "vpmaskmovd m256,ymm,ymm", avx2, 32, write, 0, vpmaskmovd %ymm11, %ymm12, (%rbx)
  form "vpmaskmovq m128,xmm,xmm", avx2, 16, write, 0, vpmaskmovq %xmm13, %xmm14, (%rbx)
  form_on rdi, "vmaskmovdqu [rdi],xmm,xmm", avx, 16, write, 0, vmaskmovdqu %xmm1, %xmm2

  form_with WITH_INDEX32, "vpgatherdd xmm,m,xmm", avx2, 16, read, 0, vpgatherdd %xmm3, (%rbx,%xmm2,4), %xmm1
  form_with WITH_INDEX32, "vpgatherdd ymm,m,ymm", avx2, 32, read, 0, vpgatherdd %ymm3, (%rbx,%ymm2,4), %ymm1
  form_with WITH_INDEX32, "vgatherdps ymm,m,ymm", avx2, 32, read, 0, vgatherdps %ymm3, (%rbx,%ymm2,4), %ymm1
  form_with WITH_INDEX64, "vpgatherqq ymm,m,ymm", avx2, 32, read, 0, vpgatherqq %ymm3, (%rbx,%ymm2,8), %ymm1
  form_with WITH_INDEX64, "vgatherqpd xmm,m,xmm", avx2, 16, read, 0, vgatherqpd %xmm3, (%rbx,%xmm2,8), %xmm1

  // arithmetic
  .irp op, add, sub, mul, div, max
  form_with WITH_FLOAT32, "v\op\()ss xmm,xmm,m32",  avx, 4,  read, 0, v\op\()ss (%rbx), %xmm1, %xmm2
  form_with WITH_FLOAT64, "v\op\()sd xmm,xmm,m64",  avx, 8,  read, 0, v\op\()sd (%rbx), %xmm9, %xmm10
  form_with WITH_FLOAT32, "v\op\()ps ymm,ymm,m256", avx, 32, read, 0, v\op\()ps (%rbx), %ymm3, %ymm4
  form_with WITH_FLOAT64, "v\op\()pd ymm,ymm,m256", avx, 32, read, 0, v\op\()pd (%rbx), %ymm11, %ymm12
  .endr
  form_with WITH_FLOAT64, "vsqrtsd xmm,xmm,m64",  avx, 8,  read, 0, vsqrtsd (%rbx), %xmm1, %xmm2
  form_with WITH_FLOAT32, "vucomiss xmm,m32",     avx, 4,  read, 0, vucomiss (%rbx), %xmm3
  form_with WITH_FLOAT32, "vcmpps ymm,ymm,m256,imm8", avx, 32, read, 0, vcmpps $0x11, (%rbx), %ymm4, %ymm5
  form_with WITH_FLOAT32, "vroundps ymm,m256,imm8", avx, 32, read, 0, vroundps $2, (%rbx), %ymm6
  form_with WITH_FLOAT64, "vcvttsd2si r64,m64",   avx, 8,  read, 0, vcvttsd2si (%rbx), %r8
  form_with WITH_FLOAT32, "vcvtps2pd ymm,m128",   avx, 16, read, 0, vcvtps2pd (%rbx), %ymm7
  form "vcvtsi2sd xmm,xmm,m32", avx, 4, read, 0, vcvtsi2sdl (%rbx), %xmm1, %xmm2
  form "vblendvps ymm,ymm,m256,ymm", avx, 32, read, 0, vblendvps %ymm1, (%rbx), %ymm2, %ymm3
  form "vtestps ymm,m256",     avx, 32, read, 0, vtestps (%rbx), %ymm4
  form "vptest ymm,m256",      avx, 32, read, 0, vptest (%rbx), %ymm5
  form "vpermilps ymm,m256,imm8", avx, 32, read, 0, vpermilps $0x1b, (%rbx), %ymm6
  form "vperm2f128 ymm,ymm,m256,imm8", avx, 32, read, 0, vperm2f128 $0x31, (%rbx), %ymm7, %ymm8
  .irp op, vpaddd, vpsubb, vpxor, vpand, vpcmpeqw, vpshufb, vpmulld, vpunpcklbw, vpermd, vpsllvd, vpackusdw
  form "\op ymm,ymm,m256",     avx2, 32, read, 0, \op (%rbx), %ymm13, %ymm14
  .endr
  form "vpaddd xmm,xmm,m128",  avx, 16, read, 0, vpaddd (%rbx), %xmm1, %xmm2
  form "vpslld ymm,ymm,m128",  avx2, 16, read, 0, vpslld (%rbx), %ymm3, %ymm4
  form "vpblendd ymm,ymm,m256,imm8", avx2, 32, read, 0, vpblendd $0xa5, (%rbx), %ymm5, %ymm6
  form "vpermq ymm,m256,imm8", avx2, 32, read, 0, vpermq $0x4e, (%rbx), %ymm7
  form_with WITH_LENGTHS, "vpcmpestri xmm,m128,imm8", avx, 16, read, 0, vpcmpestri $0x0c, (%rbx), %xmm1
  form "vaesdec xmm,xmm,m128", avx_aes, 16, read, 0, vaesdec (%rbx), %xmm1, %xmm2

  form_with WITH_FLOAT32, "vfmadd132ss xmm,xmm,m32",  fma, 4,  read, 0, vfmadd132ss (%rbx), %xmm1, %xmm2
  form_with WITH_FLOAT64, "vfmadd213sd xmm,xmm,m64",  fma, 8,  read, 0, vfmadd213sd (%rbx), %xmm3, %xmm4
  form_with WITH_FLOAT32, "vfmadd231ps ymm,ymm,m256", fma, 32, read, 0, vfmadd231ps (%rbx), %ymm5, %ymm6
  form_with WITH_FLOAT64, "vfnmsub231pd ymm,ymm,m256", fma, 32, read, 0, vfnmsub231pd (%rbx), %ymm7, %ymm8
  form "vcvtph2ps ymm,m128",   f16c, 16, read,  0, vcvtph2ps (%rbx), %ymm1
  form_with WITH_FLOAT32, "vcvtps2ph m64,xmm,imm8",  f16c, 8,  write, 0, vcvtps2ph $0, %xmm2, (%rbx)
  form_with WITH_FLOAT32, "vcvtps2ph m128,ymm,imm8", f16c, 16, write, 0, vcvtps2ph $0, %ymm3, (%rbx)

  form_with WITH_SSE_CONTROL, "vldmxcsr m32", avx, 4, read, 0, vldmxcsr (%rbx)
  form "vstmxcsr m32",         avx, 4, write, 0, vstmxcsr (%rbx)
