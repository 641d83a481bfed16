// SPDX-License-Identifier: Apache-2.0
// The trampoline of trampoline.h. Between the last load and the stub's jump no register, flag or stack byte is
// touched: everything is reached relative to RIP.
#include "trampoline.h"

#define IN(offset) trampoline_in + (offset)(%rip)
#define OUT(offset) trampoline_out + (offset)(%rip)

  .text
  .globl trampoline_run, trampoline_return
  .type trampoline_run, @function
trampoline_run:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, own_stack(%rip)
  mov trampoline_components(%rip), %eax
  xor %edx, %edx
  xrstor64 IN(STATE_EXTENDED)
  pushq IN(STATE_FLAGS)
  popfq
  .set offset, STATE_GPR
  .irp name, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
  mov trampoline_in + offset(%rip), %\name
  .set offset, offset + 8
  .endr
  jmp *trampoline_target(%rip)

trampoline_return:
  .set offset, STATE_GPR
  .irp name, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
  mov %\name, trampoline_out + offset(%rip)
  .set offset, offset + 8
  .endr
  mov own_stack(%rip), %rsp
  pushfq
  popq OUT(STATE_FLAGS)
  cld
  mov trampoline_components(%rip), %eax
  xor %edx, %edx
  xsave64 OUT(STATE_EXTENDED)
  xrstor64 initial_state(%rip)
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
  .size trampoline_run, . - trampoline_run

  // An XSAVE area that names no component: all of them return to their initial state, MXCSR comes from here.
  .section .rodata
  .balign 64
initial_state:
  .zero 24
  .long 0x1f80
  .zero STATE_EXTENDED_SIZE - 28

  .bss
  .globl trampoline_in, trampoline_out, trampoline_components, trampoline_target
  .balign 64
trampoline_in:
  .zero STATE_EXTENDED + STATE_EXTENDED_SIZE
  .balign 64
trampoline_out:
  .zero STATE_EXTENDED + STATE_EXTENDED_SIZE
own_stack:
  .quad 0
trampoline_target:
  .quad 0
trampoline_components:
  .long 0

  .section .note.GNU-stack, "", @progbits
