// SPDX-License-Identifier: Apache-2.0
// Integer moves and arithmetic.
#include "form.inc"

  // mov, both directions, every width, with the registers that are special to the encoding
  form "mov r8,m8",            base, 1, read,  0, mov (%rbx), %cl
  form "mov ah,m8",            base, 1, read,  0, mov (%rbx), %ah
  form "mov dh,m8",            base, 1, read,  0, mov (%rbx), %dh
  form "mov sil,m8",           base, 1, read,  0, mov (%rbx), %sil
  form "mov r13b,m8",          base, 1, read,  0, mov (%rbx), %r13b
  form "mov r16,m16",          base, 2, read,  0, mov (%rbx), %cx
  form "mov r9w,m16",          base, 2, read,  0, mov (%rbx), %r9w
  form "mov r32,m32",          base, 4, read,  0, mov (%rbx), %eax
  form "mov r15d,m32",         base, 4, read,  0, mov (%rbx), %r15d
  form "mov r64,m64",          base, 8, read,  0, mov (%rbx), %rdx
  form "mov r8,m64",           base, 8, read,  0, mov (%rbx), %r8
  form "mov base,m64",         base, 8, read,  0, mov (%rbx), %rbx
  form "mov base,m32",         base, 4, read,  0, mov (%rbx), %ebx
  form "mov m8,r8",            base, 1, write, 0, mov %cl, (%rbx)
  form "mov m8,ah",            base, 1, write, 0, mov %ah, (%rbx)
  form "mov m8,ch",            base, 1, write, 0, mov %ch, (%rbx)
  form "mov m8,dil",           base, 1, write, 0, mov %dil, (%rbx)
  form "mov m8,r10b",          base, 1, write, 0, mov %r10b, (%rbx)
  form "mov m16,r16",          base, 2, write, 0, mov %dx, (%rbx)
  form "mov m16,r14w",         base, 2, write, 0, mov %r14w, (%rbx)
  form "mov m32,r32",          base, 4, write, 0, mov %esi, (%rbx)
  form "mov m32,r12d",         base, 4, write, 0, mov %r12d, (%rbx)
  form "mov m64,r64",          base, 8, write, 0, mov %rdi, (%rbx)
  form "mov m64,r11",          base, 8, write, 0, mov %r11, (%rbx)
  form "mov m64,rsp",          base, 8, write, 0, mov %rsp, (%rbx)
  form "mov m32,esp",          base, 4, write, 0, mov %esp, (%rbx)
  form "mov m8,imm8",          base, 1, write, 0, movb $0xa5, (%rbx)
  form "mov m16,imm16",        base, 2, write, 0, movw $0xbeef, (%rbx)
  form "mov m32,imm32",        base, 4, write, 0, movl $0xdeadbeef, (%rbx)
  form "mov m64,imm32",        base, 8, write, 0, movq $-0x12345678, (%rbx)
  form "mov m16,sreg",         base, 2, write, 0, mov %cs, (%rbx)

  // widening loads
  form "movzx r16,m8",         base, 1, read,  0, movzbw (%rbx), %cx
  form "movzx r32,m8",         base, 1, read,  0, movzbl (%rbx), %edx
  form "movzx r64,m8",         base, 1, read,  0, movzbq (%rbx), %r9
  form "movzx r32,m16",        base, 2, read,  0, movzwl (%rbx), %esi
  form "movzx r64,m16",        base, 2, read,  0, movzwq (%rbx), %r10
  form "movsx r16,m8",         base, 1, read,  0, movsbw (%rbx), %dx
  form "movsx r32,m8",         base, 1, read,  0, movsbl (%rbx), %r11d
  form "movsx r64,m8",         base, 1, read,  0, movsbq (%rbx), %rdi
  form "movsx r32,m16",        base, 2, read,  0, movswl (%rbx), %ecx
  form "movsx r64,m16",        base, 2, read,  0, movswq (%rbx), %r12
  form "movsxd r64,m32",       base, 4, read,  0, movslq (%rbx), %rax
  form "movsxd r32,m32",       base, 4, read,  0, .byte 0x63, 0x0b
  form "movbe r16,m16",        movbe, 2, read, 0, movbe (%rbx), %cx
  form "movbe r32,m32",        movbe, 4, read, 0, movbe (%rbx), %r8d
  form "movbe r64,m64",        movbe, 8, read, 0, movbe (%rbx), %rdx
  form "movbe m16,r16",        movbe, 2, write, 0, movbe %cx, (%rbx)
  form "movbe m32,r32",        movbe, 4, write, 0, movbe %esi, (%rbx)
  form "movbe m64,r64",        movbe, 8, write, 0, movbe %r9, (%rbx)
  form "movnti m32,r32",       base, 4, write, 0, movnti %ecx, (%rbx)
  form "movnti m64,r64",       base, 8, write, 0, movnti %r8, (%rbx)
  form "movdiri m32,r32",      movdiri, 4, write, 0, movdiri %ecx, (%rbx)
  form "movdiri m64,r64",      movdiri, 8, write, 0, movdiri %rdx, (%rbx)

  // the eight arithmetic operations in each operand order, width and immediate size
  .macro arithmetic op, access, undefined
  form "\op r8,m8",            base, 1, read,      \undefined, \op (%rbx), %cl
  form "\op r16,m16",          base, 2, read,      \undefined, \op (%rbx), %dx
  form "\op r32,m32",          base, 4, read,      \undefined, \op (%rbx), %r9d
  form "\op r64,m64",          base, 8, read,      \undefined, \op (%rbx), %rsi
  form "\op m8,r8",            base, 1, \access,   \undefined, \op %dh, (%rbx)
  form "\op m16,r16",          base, 2, \access,   \undefined, \op %r14w, (%rbx)
  form "\op m32,r32",          base, 4, \access,   \undefined, \op %eax, (%rbx)
  form "\op m64,r64",          base, 8, \access,   \undefined, \op %r15, (%rbx)
  form "\op m8,imm8",          base, 1, \access,   \undefined, \op\()b $0x5a, (%rbx)
  form "\op m16,imm8",         base, 2, \access,   \undefined, \op\()w $-3, (%rbx)
  form "\op m16,imm16",        base, 2, \access,   \undefined, \op\()w $0x7abc, (%rbx)
  form "\op m32,imm8",         base, 4, \access,   \undefined, \op\()l $0x7f, (%rbx)
  form "\op m32,imm32",        base, 4, \access,   \undefined, \op\()l $0x89abcdef, (%rbx)
  form "\op m64,imm8",         base, 8, \access,   \undefined, \op\()q $-128, (%rbx)
  form "\op m64,imm32",        base, 8, \access,   \undefined, \op\()q $-0x76543210, (%rbx)
  .endm
  arithmetic add, rmw, 0
  arithmetic or,  rmw, AF
  arithmetic adc, rmw, 0
  arithmetic sbb, rmw, 0
  arithmetic and, rmw, AF
  arithmetic sub, rmw, 0
  arithmetic xor, rmw, AF
  arithmetic cmp, read, 0

  form "test m8,r8",           base, 1, read, AF, test %ah, (%rbx)
  form "test m16,r16",         base, 2, read, AF, test %cx, (%rbx)
  form "test m32,r32",         base, 4, read, AF, test %edx, (%rbx)
  form "test m64,r64",         base, 8, read, AF, test %r8, (%rbx)
  form "test m8,imm8",         base, 1, read, AF, testb $0x80, (%rbx)
  form "test m16,imm16",       base, 2, read, AF, testw $0x8001, (%rbx)
  form "test m32,imm32",       base, 4, read, AF, testl $0x80000001, (%rbx)
  form "test m64,imm32",       base, 8, read, AF, testq $-0x7fffffff, (%rbx)

  .irp op, inc, dec, not, neg
  form "\op m8",               base, 1, rmw, 0, \op\()b (%rbx)
  form "\op m16",              base, 2, rmw, 0, \op\()w (%rbx)
  form "\op m32",              base, 4, rmw, 0, \op\()l (%rbx)
  form "\op m64",              base, 8, rmw, 0, \op\()q (%rbx)
  .endr

  // products and quotients
  .irp op, mul, imul
  form "\op m8",               base, 1, read, SF|ZF|AF|PF, \op\()b (%rbx)
  form "\op m16",              base, 2, read, SF|ZF|AF|PF, \op\()w (%rbx)
  form "\op m32",              base, 4, read, SF|ZF|AF|PF, \op\()l (%rbx)
  form "\op m64",              base, 8, read, SF|ZF|AF|PF, \op\()q (%rbx)
  .endr
  .irp op, div, idiv
  form_with WITH_DIVIDEND, "\op m8",  base, 1, read, CF|OF|SF|ZF|AF|PF, \op\()b (%rbx)
  form_with WITH_DIVIDEND, "\op m16", base, 2, read, CF|OF|SF|ZF|AF|PF, \op\()w (%rbx)
  form_with WITH_DIVIDEND, "\op m32", base, 4, read, CF|OF|SF|ZF|AF|PF, \op\()l (%rbx)
  form_with WITH_DIVIDEND, "\op m64", base, 8, read, CF|OF|SF|ZF|AF|PF, \op\()q (%rbx)
  .endr
  form "imul r16,m16",         base, 2, read, SF|ZF|AF|PF, imul (%rbx), %cx
  form "imul r32,m32",         base, 4, read, SF|ZF|AF|PF, imul (%rbx), %r10d
  form "imul r64,m64",         base, 8, read, SF|ZF|AF|PF, imul (%rbx), %rdi
  form "imul r16,m16,imm8",    base, 2, read, SF|ZF|AF|PF, imul $-7, (%rbx), %dx
  form "imul r32,m32,imm8",    base, 4, read, SF|ZF|AF|PF, imul $11, (%rbx), %ecx
  form "imul r32,m32,imm32",   base, 4, read, SF|ZF|AF|PF, imul $0x1234567, (%rbx), %r8d
  form "imul r64,m64,imm32",   base, 8, read, SF|ZF|AF|PF, imul $-0x1234567, (%rbx), %rax
  form "mulx r32,r32,m32",     bmi2, 4, read, 0, mulx (%rbx), %ecx, %r8d
  form "mulx r64,r64,m64",     bmi2, 8, read, 0, mulx (%rbx), %rcx, %r9
  form "adcx r32,m32",         adx, 4, read, 0, adcx (%rbx), %ecx
  form "adcx r64,m64",         adx, 8, read, 0, adcx (%rbx), %r9
  form "adox r32,m32",         adx, 4, read, 0, adox (%rbx), %edx
  form "adox r64,m64",         adx, 8, read, 0, adox (%rbx), %r10

  // conditions
  .irp cc, o, no, c, nc, z, nz, be, a, s, ns, p, np, l, ge, le, g
  form "set\cc m8",            base, 1, write, 0, set\cc (%rbx)
  form "cmov\cc r32,m32",      base, 4, read,  0, cmov\cc (%rbx), %ecx
  .endr
  form_with WITH_CARRY,    "setc m8, true",          base, 1, write, 0, setc (%rbx)
  form_with WITHOUT_CARRY, "setc m8, false",         base, 1, write, 0, setc (%rbx)
  form_with WITH_CARRY,    "cmovc r16,m16, taken",   base, 2, read,  0, cmovc (%rbx), %dx
  form_with WITHOUT_CARRY, "cmovc r16,m16, not taken", base, 2, read,  0, cmovc (%rbx), %dx
  form_with WITH_CARRY,    "cmovc r32,m32, taken",   base, 4, read,  0, cmovc (%rbx), %r9d
  form_with WITHOUT_CARRY, "cmovc r32,m32, not taken", base, 4, read,  0, cmovc (%rbx), %r9d
  form_with WITH_CARRY,    "cmovc r64,m64, taken",   base, 8, read,  0, cmovc (%rbx), %r10
  form_with WITHOUT_CARRY, "cmovc r64,m64, not taken", base, 8, read,  0, cmovc (%rbx), %r10
