// SPDX-License-Identifier: Apache-2.0
// AVX-512: EVEX encodings with zmm, registers 16 to 31, opmasks, zeroing, embedded broadcast, compressed disp8.
#include "form.inc"

  .macro plain_move op, feature
  form "\op zmm,m512",         \feature, 64, read,  0, \op (%rbx), %zmm1
  form "\op zmm31,m512",       \feature, 64, read,  0, \op (%rbx), %zmm31
  form "\op m512,zmm",         \feature, 64, write, 0, \op %zmm2, (%rbx)
  form "\op m512,zmm24",       \feature, 64, write, 0, \op %zmm24, (%rbx)
  .endm
  .macro short_move op, feature
  form "\op ymm17,m256",       \feature, 32, read,  0, \op (%rbx), %ymm17
  form "\op m256,ymm18",       \feature, 32, write, 0, \op %ymm18, (%rbx)
  form "\op xmm19,m128",       \feature, 16, read,  0, \op (%rbx), %xmm19
  form "\op m128,xmm20",       \feature, 16, write, 0, \op %xmm20, (%rbx)
  .endm
  .macro masked_move op, feature
  form "\op zmm{k},m512",      \feature, 64, read,  0, \op (%rbx), %zmm3{%k1}
  form "\op zmm{k}{z},m512",   \feature, 64, read,  0, \op (%rbx), %zmm25{%k2}{z}
  form "\op m512{k},zmm",      \feature, 64, write, 0, \op %zmm26, (%rbx){%k3}
  .endm
  .irp op, vmovdqu32, vmovdqu64, vmovdqa32, vmovups, vmovapd
  plain_move \op, avx512f
  masked_move \op, avx512f
  short_move \op, avx512vl
  .endr
  .irp op, vmovdqu8, vmovdqu16
  plain_move \op, avx512bw
  masked_move \op, avx512bw
  short_move \op, avx512bw_vl
  .endr
  form "vmovdqu32 ymm{k},m256", avx512vl, 32, read,  0, vmovdqu32 (%rbx), %ymm21{%k4}
  form "vmovdqu32 m256{k},ymm", avx512vl, 32, write, 0, vmovdqu32 %ymm22, (%rbx){%k5}
  form "vmovdqu8 m128{k},xmm",  avx512bw_vl, 16, write, 0, vmovdqu8 %xmm23, (%rbx){%k6}

  form "vmovss xmm{k},m32",    avx512f, 4, read,  0, vmovss (%rbx), %xmm27{%k1}
  form "vmovsd xmm{k}{z},m64", avx512f, 8, read,  0, vmovsd (%rbx), %xmm28{%k2}{z}
  form "vmovss m32{k},xmm",    avx512f, 4, write, 0, vmovss %xmm29, (%rbx){%k3}
  form "vmovd xmm30,m32",      avx512f, 4, read,  0, vmovd (%rbx), %xmm30
  form "vmovq m64,xmm31",      avx512f, 8, write, 0, vmovq %xmm31, (%rbx)
  form "vmovntdq m512,zmm",    avx512f, 64, write, 0, vmovntdq %zmm4, (%rbx)
  form "vmovntdqa zmm,m512",   avx512f, 64, read,  0, vmovntdqa (%rbx), %zmm5
  form "vmovntps m512,zmm",    avx512f, 64, write, 0, vmovntps %zmm16, (%rbx)

  // displacements that EVEX counts in operands, and extended bases
  form_at rbx, none, 1, 0x40, "vmovdqu32 zmm,[base+disp8*64]",  avx512f, 64, read,  0, vmovdqu32 0x40(%rbx), %zmm6
  form_at r12, none, 1, -0x80, "vmovdqu64 [r12-disp8*64],zmm17", avx512f, 64, write, 0, vmovdqu64 %zmm17, -0x80(%r12)
  form_at rbx, none, 1, 0x44, "vmovdqu32 zmm,[base+disp32]",    avx512f, 64, read,  0, vmovdqu32 0x44(%rbx), %zmm18
  form_at r13, r9, 4, 0x10, "vpaddd zmm,zmm,[r13+r9*4+disp8*4]{1to16}", avx512f, 4, read, 0, \
    vpaddd 0x10(%r13,%r9,4){1to16}, %zmm7, %zmm8

  // broadcasts, inserts, extracts
  form "vpaddd zmm,zmm,m32{1to16}", avx512f, 4, read, 0, vpaddd (%rbx){1to16}, %zmm9, %zmm10
  form "vpaddq zmm{k},zmm,m64{1to8}", avx512f, 8, read, 0, vpaddq (%rbx){1to8}, %zmm19, %zmm20{%k1}
  form_with WITH_FLOAT32, "vaddps zmm{k}{z},zmm,m32{1to16}", avx512f, 4, read, 0, \
    vaddps (%rbx){1to16}, %zmm21, %zmm22{%k2}{z}
  form_with WITH_FLOAT64, "vmulpd ymm,ymm,m64{1to4}", avx512vl, 8, read, 0, vmulpd (%rbx){1to4}, %ymm23, %ymm24
  form "vpbroadcastd zmm,m32",   avx512f, 4, read,  0, vpbroadcastd (%rbx), %zmm11
  form "vpbroadcastq zmm{k},m64", avx512f, 8, read, 0, vpbroadcastq (%rbx), %zmm12{%k3}
  form "vpbroadcastb zmm,m8",    avx512bw, 1, read, 0, vpbroadcastb (%rbx), %zmm13
  form "vbroadcastss zmm,m32",   avx512f, 4, read,  0, vbroadcastss (%rbx), %zmm14
  form "vbroadcasti32x4 zmm,m128", avx512f, 16, read, 0, vbroadcasti32x4 (%rbx), %zmm15
  form "vbroadcasti64x4 zmm,m256", avx512f, 32, read, 0, vbroadcasti64x4 (%rbx), %zmm16
  form "vinserti32x4 zmm,zmm,m128,imm8", avx512f, 16, read, 0, vinserti32x4 $2, (%rbx), %zmm1, %zmm2
  form "vextracti32x4 m128,zmm,imm8", avx512f, 16, write, 0, vextracti32x4 $3, %zmm3, (%rbx)
  form "vextracti64x4 m256,zmm,imm8", avx512f, 32, write, 0, vextracti64x4 $1, %zmm25, (%rbx)
  form "vpmovdb m128,zmm",       avx512f, 16, write, 0, vpmovdb %zmm26, (%rbx)
  form "vpmovqd m256{k},zmm",    avx512f, 32, write, 0, vpmovqd %zmm27, (%rbx){%k4}

  // compress, expand, gather, scatter
  form "vpcompressd m512{k},zmm", avx512f, 64, write, 0, vpcompressd %zmm4, (%rbx){%k1}
  form "vpcompressq m512{k},zmm", avx512f, 64, write, 0, vpcompressq %zmm28, (%rbx){%k2}
  form "vcompressps m256{k},ymm", avx512vl, 32, write, 0, vcompressps %ymm5, (%rbx){%k3}
  form "vpexpandd zmm{k},m512",   avx512f, 64, read, 0, vpexpandd (%rbx), %zmm6{%k4}
  form "vpexpandq zmm{k}{z},m512", avx512f, 64, read, 0, vpexpandq (%rbx), %zmm29{%k5}{z}
  form_with WITH_INDEX32, "vpgatherdd zmm{k},m",  avx512f, 64, read,  0, vpgatherdd (%rbx,%zmm2,4), %zmm1{%k1}
  form_with WITH_INDEX64, "vgatherqpd zmm{k},m",  avx512f, 64, read,  0, vgatherqpd (%rbx,%zmm2,8), %zmm17{%k2}
  form_with WITH_INDEX32, "vpscatterdd m{k},zmm", avx512f, 64, write, 0, vpscatterdd %zmm1, (%rbx,%zmm2,4){%k3}
  form_with WITH_INDEX64, "vpscatterqq m{k},zmm", avx512f, 64, write, 0, vpscatterqq %zmm18, (%rbx,%zmm2,8){%k4}

  // arithmetic and comparison into an opmask
  .irp op, vpaddd, vpxord, vpandq, vpmulld, vpermd, vpminsd
  form "\op zmm,zmm,m512",      avx512f, 64, read, 0, \op (%rbx), %zmm7, %zmm30
  .endr
  form "vpaddd zmm{k},zmm,m512", avx512f, 64, read, 0, vpaddd (%rbx), %zmm8, %zmm9{%k1}
  form_with WITH_FLOAT64, "vaddpd zmm,zmm,m512", avx512f, 64, read, 0, vaddpd (%rbx), %zmm10, %zmm11
  form_with WITH_FLOAT32, "vfmadd231ps zmm,zmm,m512", avx512f, 64, read, 0, vfmadd231ps (%rbx), %zmm12, %zmm13
  form "vpcmpeqd k,zmm,m512",   avx512f, 64, read, 0, vpcmpeqd (%rbx), %zmm14, %k2
  form "vpcmpud k{k},zmm,m512,imm8", avx512f, 64, read, 0, vpcmpud $1, (%rbx), %zmm15, %k3{%k4}
  form "vptestmd k,zmm,m512",   avx512f, 64, read, 0, vptestmd (%rbx), %zmm16, %k5
  form "vpternlogd zmm,zmm,m512,imm8", avx512f, 64, read, 0, vpternlogd $0x96, (%rbx), %zmm17, %zmm18

  // opmask registers
  form "kmovb k,m8",            avx512dq, 1, read,  0, kmovb (%rbx), %k1
  form "kmovw k,m16",           avx512f, 2, read,   0, kmovw (%rbx), %k2
  form "kmovd k,m32",           avx512bw, 4, read,  0, kmovd (%rbx), %k3
  form "kmovq k,m64",           avx512bw, 8, read,  0, kmovq (%rbx), %k4
  form "kmovb m8,k",            avx512dq, 1, write, 0, kmovb %k5, (%rbx)
  form "kmovw m16,k",           avx512f, 2, write,  0, kmovw %k6, (%rbx)
  form "kmovd m32,k",           avx512bw, 4, write, 0, kmovd %k7, (%rbx)
  form "kmovq m64,k",           avx512bw, 8, write, 0, kmovq %k1, (%rbx)
