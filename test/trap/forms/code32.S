// SPDX-License-Identifier: Apache-2.0
// What 32-bit code has other than 64-bit code: words of 4 bytes on the stack and in branches, absolute addresses
// without a SIB, the short forms of the accumulator, addresses that wrap, an opcode's second encoding.
#include "form.inc"
  .set form_code32, 1

  .macro based base
  form_on r\base, "mov r32,[e\base], 32-bit code", base, 4, read,  0, mov (%e\base), %ecx
  form_on r\base, "mov [e\base],imm32, 32-bit code", base, 4, write, 0, movl $0x12345678, (%e\base)
  .endm
  .irp name, ax, bx, cx, dx, bp, si, di
  based \name
  .endr

  form "push m32",             base, 4, read,  0, pushl (%ebx)
  form "pop m32",              base, 4, write, 0, popl (%ebx)
  form_with WITH_CODE_POINTER, "call m32", base, 4, read, 0, call *(%ebx)
  form_with WITH_CODE_POINTER, "jmp m32",  base, 4, read, 0, jmp *(%ebx)
  form "mov m32,esp, 32-bit code", base, 4, write, 0, mov %esp, (%ebx)
  form "add m32,esp, 32-bit code", base, 4, rmw, 0, add %esp, (%ebx)
  form "mov m16,sreg, 32-bit code", base, 2, write, 0, mov %ds, (%ebx)

  .macro absolute name, width, access, insn:vararg
  form_record WITH_ABSOLUTE32, none, none, 1, 0, none, 0, "\name", base, \width, \access, 0, \insn
  .endm
  absolute "mov al,moffs8, 32-bit code",   1, read,  movb 0x11223344, %al
  absolute "mov ax,moffs16, 32-bit code",  2, read,  movw 0x11223344, %ax
  absolute "mov eax,moffs32, 32-bit code", 4, read,  movl 0x11223344, %eax
  absolute "mov moffs8,al, 32-bit code",   1, write, movb %al, 0x11223344
  absolute "mov moffs16,ax, 32-bit code",  2, write, movw %ax, 0x11223344
  absolute "mov moffs32,eax, 32-bit code", 4, write, movl %eax, 0x11223344
  absolute "mov r32,[disp32], 32-bit code", 4, read, mov 0x11223344, %ecx
  absolute "add [disp32],r32, 32-bit code", 4, rmw,  add %edx, 0x11223344
  absolute "movups xmm,[disp32], 32-bit code", 16, read, movups 0x11223344, %xmm3

  // base + displacement, and the start of the segment, beyond 4 GiB
  form_at rbx, none, 1, -0x12345678, "mov r32,[base-disp32], 32-bit code", base, 4, read, 0, mov -0x12345678(%ebx), %ecx
  form_at rbx, rcx,  8, -8, "mov r16,[base+index*8-disp8], 32-bit code", base, 2, read, 0, mov -8(%ebx,%ecx,8), %dx
  form_record WITH_NOTHING, rsi, none, 1, -4, gs, 0, "xor gs:[base-disp8],r32", base, 4, rmw, AF, xor %edx, %gs:-4(%esi)

  // 82 is 80 (Intel SDM volume 3, 23.15)
  form "add m8,imm8, opcode 82", base, 1, rmw,  0, .byte 0x82, 0x03, 0x5a
  form "cmp m8,imm8, opcode 82", base, 1, read, 0, .byte 0x82, 0x3b, 0x5a

  // one-byte inc and dec are no REX: two instructions, of which the second makes the access
  form_at rbx, none, 1, 1, "inc ebx; mov r32,[ebx]", base, 4, read, 0, .byte 0x43, 0x8b, 0x0b
  form_at rbx, none, 1, -1, "dec ebx; mov [ebx],r32", base, 4, write, 0, .byte 0x4b, 0x89, 0x13

  // W, which 32-bit code passes over, and the fourth bit of vvvv and of the register in an immediate
  form "vmovd xmm,m32 with W",          avx, 4, read,  0, .byte 0xc4, 0xe1, 0xf9, 0x6e, 0x0b
  form "vmovd m32,xmm with W",          avx, 4, write, 0, .byte 0xc4, 0xe1, 0xf9, 0x7e, 0x0b
  form "vcvtsi2sd xmm,xmm,m32 with W",  avx, 4, read,  0, .byte 0xc4, 0xe1, 0xeb, 0x2a, 0x0b
  form "andn r32,r32,m32 with W",       bmi, 4, read, AF|PF, .byte 0xc4, 0xe2, 0xe8, 0xf2, 0x0b
  form "vpaddd xmm,xmm10,m128",   avx, 16, read, 0, .byte 0xc4, 0xe1, 0x29, 0xfe, 0x0b
  form "vblendvps xmm,xmm,m128,xmm12",  avx, 16, read, 0, .byte 0xc4, 0xe3, 0x69, 0x4a, 0x0b, 0xc0

  form "fnstenv m28, 32-bit code",      base, 28, write, 0, fnstenv (%ebx)
  form "fnsave m108, 32-bit code",      base, 108, write, 0, fnsave (%ebx)
