// SPDX-License-Identifier: Apache-2.0
// Every way to name the memory operand: bases that change the encoding, displacements, scaled indexes, segments,
// 32-bit addressing, absolute addresses, and operands that are not aligned to their width.
#include "form.inc"

  .macro based base
  form_at WITH_NOTHING, \base, none, 1, 0, none, 0, "mov r32,[\base]", base, 4, read, 0, mov (%\base), %ecx
  form_at WITH_NOTHING, \base, none, 1, 0, none, 0, "mov [\base],r64", base, 8, write, 0, mov %rdx, (%\base)
  .endm
  .irp name, rax, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
  based \name
  .endr

  form_at WITH_NOTHING, rbx, none, 1, 0x40,        none, 0, "mov r32,[base+disp8]",  base, 4, read,  0, mov 0x40(%rbx), %ecx
  form_at WITH_NOTHING, r12, none, 1, -0x80,       none, 0, "mov r64,[r12-disp8]",   base, 8, read,  0, mov -0x80(%r12), %rcx
  form_at WITH_NOTHING, rbx, none, 1, 0x40,        none, 0, "mov [base+disp8],imm32", base, 4, write, 0, movl $0x12345678, 0x40(%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 0x12345678,  none, 0, "mov r32,[base+disp32]", base, 4, read,  0, mov 0x12345678(%rbx), %ecx
  form_at WITH_NOTHING, r13, none, 1, -0x12345678, none, 0, "mov [r13-disp32],r16",  base, 2, write, 0, mov %cx, -0x12345678(%r13)
  form_at WITH_NOTHING, rbx, none, 1, 0x1000,      none, 0, "add [base+disp32],imm8", base, 4, rmw, 0, addl $5, 0x1000(%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 8,           none, 0, "mov r32,[base+disp32 of 8]", base, 4, read, 0, {disp32} mov 8(%rbx), %ecx

  form_at WITH_NOTHING, rbx, rcx, 1, 0,           none, 0, "mov r8,[base+index]",    base, 1, read,  0, mov (%rbx,%rcx), %dl
  form_at WITH_NOTHING, rbx, rsi, 2, 0,           none, 0, "mov r16,[base+index*2]", base, 2, read,  0, mov (%rbx,%rsi,2), %dx
  form_at WITH_NOTHING, rbx, rax, 4, 0,           none, 0, "mov r32,[base+index*4]", base, 4, read,  0, mov (%rbx,%rax,4), %edx
  form_at WITH_NOTHING, rbx, rdi, 8, 0x10,        none, 0, "mov r64,[base+index*8+disp8]", base, 8, read,  0, mov 0x10(%rbx,%rdi,8), %rdx
  form_at WITH_NOTHING, r9,  r10, 4, 0x100,       none, 0, "mov [r9+r10*4+disp32],r64", base, 8, write, 0, mov %r11, 0x100(%r9,%r10,4)
  form_at WITH_NOTHING, r13, r12, 2, 0,           none, 0, "mov [r13+r12*2],r32",    base, 4, write, 0, mov %r8d, (%r13,%r12,2)
  form_at WITH_NOTHING, rbp, r15, 8, -0x10,       none, 0, "xor [rbp+r15*8-disp8],r32", base, 4, rmw, 0, xor %r14d, -0x10(%rbp,%r15,8)
  form_at WITH_NOTHING, rbx, rcx, 1, 0,           none, 0, "mov index,[base+index]", base, 8, read,  0, mov (%rbx,%rcx), %rcx
  form_at WITH_NOTHING, none, rcx, 1, 0x20,       none, 0, "mov r32,[index*1+disp32]", base, 4, read, 0, mov 0x20(,%rcx,1), %edx
  form_at WITH_NOTHING, r14, rcx, 4, 0x20,        none, 0, "vmovdqu ymm,[r14+index*4+disp8]", avx, 32, read, 0, vmovdqu 0x20(%r14,%rcx,4), %ymm9
  form_at WITH_NOTHING, r11, none, 1, 0x200,      none, 0, "movups [r11+disp32],xmm15", base, 16, write, 0, movups %xmm15, 0x200(%r11)
  form_at WITH_NOTHING, r8,  r9,  8, 0,           none, 0, "pextrd [r8+r9*8],xmm,imm8", sse4.1, 4, write, 0, pextrd $2, %xmm12, (%r8,%r9,8)

  form_at WITH_NOTHING, rbx, none, 1, 0,          gs, 0, "mov r32,gs:[base]",        base, 4, read,  0, mov %gs:(%rbx), %ecx
  form_at WITH_NOTHING, rbx, rcx, 4, 0x40,        gs, 0, "mov gs:[base+index*4+disp8],r64", base, 8, write, 0, mov %rdx, %gs:0x40(%rbx,%rcx,4)
  form_at WITH_NOTHING, rbx, none, 1, 0,          fs, 0, "mov r64,fs:[base]",        base, 8, read,  0, mov %fs:(%rbx), %rcx
  form_at WITH_NOTHING, rbx, none, 1, 0,          fs, 0, "or fs:[base],r32",         base, 4, rmw,  AF, or %ecx, %fs:(%rbx)

  form_at WITH_LOW|WITH_ADDRESS32, rbx, none, 1, 0,    none, 0, "mov r32,[base32]",  base, 4, read,  0, mov (%ebx), %ecx
  form_at WITH_LOW|WITH_ADDRESS32, rsi, none, 1, 0x40, none, 0, "mov [base32+disp8],r64", base, 8, write, 0, mov %rdx, 0x40(%esi)
  form_at WITH_LOW|WITH_ADDRESS32, rbx, rcx,  4, 0,    none, 0, "add [base32+index32*4],r32", base, 4, rmw, 0, add %edx, (%ebx,%ecx,4)
  form_at WITH_LOW|WITH_ADDRESS32, r9,  none, 1, 0,    none, 0, "movups xmm,[r9d]",  base, 16, read, 0, movups (%r9d), %xmm3

  .macro absolute setup, name, width, access, insn:vararg
  form_at \setup, none, none, 1, 0, none, 0, "\name", base, \width, \access, 0, \insn
  .endm
  absolute WITH_ABSOLUTE64, "mov al,moffs8",   1, read,  movabs 0x1122334455667788, %al
  absolute WITH_ABSOLUTE64, "mov ax,moffs16",  2, read,  movabs 0x1122334455667788, %ax
  absolute WITH_ABSOLUTE64, "mov eax,moffs32", 4, read,  movabs 0x1122334455667788, %eax
  absolute WITH_ABSOLUTE64, "mov rax,moffs64", 8, read,  movabs 0x1122334455667788, %rax
  absolute WITH_ABSOLUTE64, "mov moffs8,al",   1, write, movabs %al, 0x1122334455667788
  absolute WITH_ABSOLUTE64, "mov moffs16,ax",  2, write, movabs %ax, 0x1122334455667788
  absolute WITH_ABSOLUTE64, "mov moffs32,eax", 4, write, movabs %eax, 0x1122334455667788
  absolute WITH_ABSOLUTE64, "mov moffs64,rax", 8, write, movabs %rax, 0x1122334455667788
  absolute WITH_LOW|WITH_ABSOLUTE32, "mov eax,moffs32, 32-bit address", 4, read, .byte 0x67, 0xa1, 0, 0, 0, 0
  absolute WITH_LOW|WITH_ABSOLUTE32, "mov r32,[disp32]", 4, read,  mov 0x11223344, %ecx
  absolute WITH_LOW|WITH_ABSOLUTE32, "mov [disp32],r64", 8, write, mov %rdx, 0x11223344

  form_at WITH_NOTHING, rbx, none, 1, 0, none, 3, "mov r8,m8 at 3",        base, 1, read,  0, mov (%rbx), %cl
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 1, "mov r16,m16 at 1",      base, 2, read,  0, mov (%rbx), %cx
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 2, "mov r32,m32 at 2",      base, 4, read,  0, mov (%rbx), %ecx
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 7, "mov r32,m32 at 7",      base, 4, read,  0, mov (%rbx), %ecx
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 4, "mov r64,m64 at 4",      base, 8, read,  0, mov (%rbx), %rcx
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 5, "mov r64,m64 at 5",      base, 8, read,  0, mov (%rbx), %rcx
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 5, "mov m8,r8 at 5",        base, 1, write, 0, mov %cl, (%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 3, "mov m16,r16 at 3",      base, 2, write, 0, mov %cx, (%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 1, "mov m32,r32 at 1",      base, 4, write, 0, mov %ecx, (%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 6, "mov m64,r64 at 6",      base, 8, write, 0, mov %rcx, (%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 7, "add m64,r64 at 7",      base, 8, rmw,   0, add %rcx, (%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 9, "movups xmm,m128 at 9",  base, 16, read, 0, movups (%rbx), %xmm1
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 11, "movdqu m128,xmm at 11", base, 16, write, 0, movdqu %xmm1, (%rbx)
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 13, "vmovups ymm,m256 at 13", avx, 32, read, 0, vmovups (%rbx), %ymm1
  form_at WITH_NOTHING, rbx, none, 1, 0, none, 50, "vmovdqu m256,ymm at 50", avx, 32, write, 0, vmovdqu %ymm1, (%rbx)
