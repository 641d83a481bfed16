// SPDX-License-Identifier: Apache-2.0
// Every way to name the memory operand: bases that change the encoding, displacements, scaled indexes, segments,
// 32-bit addressing, absolute addresses, and operands that are not aligned to their width.
#include "form.inc"

  .macro at_segment segment, index, scale, displacement, name, width, access, undefined, insn:vararg
  form_record WITH_NOTHING, rbx, \index, \scale, \displacement, \segment, 0, \
    "\name", base, \width, \access, \undefined, \insn
  .endm
  .macro at_low base, index, scale, displacement, name, width, access, insn:vararg
  form_record WITH_LOW|WITH_ADDRESS32, \base, \index, \scale, \displacement, none, 0, \
    "\name", base, \width, \access, 0, \insn
  .endm
  .macro misaligned by, name, feature, width, access, insn:vararg
  form_record WITH_NOTHING, rbx, none, 1, 0, none, \by, "\name at \by", "\feature", \width, \access, 0, \insn
  .endm

  .macro based base
  form_on \base, "mov r32,[\base]", base, 4, read, 0, mov (%\base), %ecx
  form_on \base, "mov [\base],r64", base, 8, write, 0, mov %rdx, (%\base)
  .endm
  .irp name, rax, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
  based \name
  .endr

  form_at rbx, none, 1, 0x40,        "mov r32,[base+disp8]",       base, 4, read,  0, mov 0x40(%rbx), %ecx
  form_at r12, none, 1, -0x80,       "mov r64,[r12-disp8]",        base, 8, read,  0, mov -0x80(%r12), %rcx
  form_at rbx, none, 1, 0x40,        "mov [base+disp8],imm32",     base, 4, write, 0, movl $0x12345678, 0x40(%rbx)
  form_at rbx, none, 1, 0x12345678,  "mov r32,[base+disp32]",      base, 4, read,  0, mov 0x12345678(%rbx), %ecx
  form_at r13, none, 1, -0x12345678, "mov [r13-disp32],r16",       base, 2, write, 0, mov %cx, -0x12345678(%r13)
  form_at rbx, none, 1, 0x1000,      "add [base+disp32],imm8",     base, 4, rmw,   0, addl $5, 0x1000(%rbx)
  form_at rbx, none, 1, 8,           "mov r32,[base+disp32 of 8]", base, 4, read,  0, {disp32} mov 8(%rbx), %ecx

  form_at rbx,  rcx,  1, 0,     "mov r8,[base+index]",             base,   1,  read,  0, mov (%rbx,%rcx), %dl
  form_at rbx,  rsi,  2, 0,     "mov r16,[base+index*2]",          base,   2,  read,  0, mov (%rbx,%rsi,2), %dx
  form_at rbx,  rax,  4, 0,     "mov r32,[base+index*4]",          base,   4,  read,  0, mov (%rbx,%rax,4), %edx
  form_at rbx,  rdi,  8, 0x10,  "mov r64,[base+index*8+disp8]",    base,   8,  read,  0, mov 0x10(%rbx,%rdi,8), %rdx
  form_at r9,   r10,  4, 0x100, "mov [r9+r10*4+disp32],r64",       base,   8,  write, 0, mov %r11, 0x100(%r9,%r10,4)
  form_at r13,  r12,  2, 0,     "mov [r13+r12*2],r32",             base,   4,  write, 0, mov %r8d, (%r13,%r12,2)
  form_at rbp,  r15,  8, -0x10, "xor [rbp+r15*8-disp8],r32",       base,   4,  rmw,   0, xor %r14d, -0x10(%rbp,%r15,8)
  form_at rbx,  rcx,  1, 0,     "mov index,[base+index]",          base,   8,  read,  0, mov (%rbx,%rcx), %rcx
  form_at none, rcx,  1, 0x20,  "mov r32,[index*1+disp32]",        base,   4,  read,  0, mov 0x20(,%rcx,1), %edx
  form_at r14,  rcx,  4, 0x20,  "lddqu xmm,[r14+rcx*4+disp8]",     sse3,   16, read,  0, lddqu 0x20(%r14,%rcx,4), %xmm9
  form_at r11,  none, 1, 0x200, "movups [r11+disp32],xmm15",       base,   16, write, 0, movups %xmm15, 0x200(%r11)
  form_at r8,   r9,   8, 0,     "pextrd [r8+r9*8],xmm,imm8",       sse4.1, 4,  write, 0, pextrd $2, %xmm12, (%r8,%r9,8)
  form_at r14,  r11,  1, 8,     "vmovups ymm,[r14+r11+disp8]",     avx,    32, read,  0, vmovups 8(%r14,%r11), %ymm9
  form_at r12,  none, 1, 0,     "vmovups [r12],ymm14",             avx,    32, write, 0, vmovups %ymm14, (%r12)
  form_at rbp,  r13,  1, 0,     "andn r64,r64,[rbp+r13]",          bmi,    8,  read,  AF|PF, andn (%rbp,%r13), %rcx, %r9

  at_segment gs, none, 1, 0,    "mov r32,gs:[base]",               4, read,  0,  mov %gs:(%rbx), %ecx
  at_segment gs, rcx,  4, 0x40, "mov gs:[base+index*4+disp8],r64", 8, write, 0,  mov %rdx, %gs:0x40(%rbx,%rcx,4)
  at_segment fs, none, 1, 0,    "mov r64,fs:[base]",               8, read,  0,  mov %fs:(%rbx), %rcx
  at_segment fs, none, 1, 0,    "or fs:[base],r32",                4, rmw,   AF, or %ecx, %fs:(%rbx)

  at_low rbx, none, 1, 0,    "mov r32,[base32]",           4,  read,  mov (%ebx), %ecx
  at_low rsi, none, 1, 0x40, "mov [base32+disp8],r64",     8,  write, mov %rdx, 0x40(%esi)
  at_low rbx, rcx,  4, 0,    "add [base32+index32*4],r32", 4,  rmw,   add %edx, (%ebx,%ecx,4)
  at_low r9,  none, 1, 0,    "movups xmm,[r9d]",           16, read,  movups (%r9d), %xmm3

  .macro absolute setup, name, width, access, insn:vararg
  form_record \setup, none, none, 1, 0, none, 0, "\name", base, \width, \access, 0, \insn
  .endm
  absolute WITH_ABSOLUTE64,          "mov al,moffs8",                   1, read,  movabs 0x1122334455667788, %al
  absolute WITH_ABSOLUTE64,          "mov ax,moffs16",                  2, read,  movabs 0x1122334455667788, %ax
  absolute WITH_ABSOLUTE64,          "mov eax,moffs32",                 4, read,  movabs 0x1122334455667788, %eax
  absolute WITH_ABSOLUTE64,          "mov rax,moffs64",                 8, read,  movabs 0x1122334455667788, %rax
  absolute WITH_ABSOLUTE64,          "mov moffs8,al",                   1, write, movabs %al, 0x1122334455667788
  absolute WITH_ABSOLUTE64,          "mov moffs16,ax",                  2, write, movabs %ax, 0x1122334455667788
  absolute WITH_ABSOLUTE64,          "mov moffs32,eax",                 4, write, movabs %eax, 0x1122334455667788
  absolute WITH_ABSOLUTE64,          "mov moffs64,rax",                 8, write, movabs %rax, 0x1122334455667788
  absolute WITH_LOW|WITH_ABSOLUTE32, "mov eax,moffs32, 32-bit address", 4, read,  .byte 0x67, 0xa1, 0, 0, 0, 0
  absolute WITH_LOW|WITH_ABSOLUTE32, "mov r32,[disp32]",                4, read,  mov 0x11223344, %ecx
  absolute WITH_LOW|WITH_ABSOLUTE32, "mov [disp32],r64",                8, write, mov %rdx, 0x11223344

  misaligned 3,  "mov r8,m8",        base, 1,  read,  mov (%rbx), %cl
  misaligned 1,  "mov r16,m16",      base, 2,  read,  mov (%rbx), %cx
  misaligned 2,  "mov r32,m32",      base, 4,  read,  mov (%rbx), %ecx
  misaligned 7,  "mov r32,m32",      base, 4,  read,  mov (%rbx), %ecx
  misaligned 4,  "mov r64,m64",      base, 8,  read,  mov (%rbx), %rcx
  misaligned 5,  "mov r64,m64",      base, 8,  read,  mov (%rbx), %rcx
  misaligned 5,  "mov m8,r8",        base, 1,  write, mov %cl, (%rbx)
  misaligned 3,  "mov m16,r16",      base, 2,  write, mov %cx, (%rbx)
  misaligned 1,  "mov m32,r32",      base, 4,  write, mov %ecx, (%rbx)
  misaligned 6,  "mov m64,r64",      base, 8,  write, mov %rcx, (%rbx)
  misaligned 7,  "add m64,r64",      base, 8,  rmw,   add %rcx, (%rbx)
  misaligned 9,  "movups xmm,m128",  base, 16, read,  movups (%rbx), %xmm1
  misaligned 11, "movdqu m128,xmm",  base, 16, write, movdqu %xmm1, (%rbx)
  misaligned 13, "vmovups ymm,m256", avx,  32, read,  vmovups (%rbx), %ymm1
  misaligned 50, "vmovdqu m256,ymm", avx,  32, write, vmovdqu %ymm1, (%rbx)
