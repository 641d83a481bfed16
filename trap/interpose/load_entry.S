/* SPDX-License-Identifier: Apache-2.0 */
    .intel_syntax noprefix
    .text

/* dlopen(3). libc's looks at who called it, so that is left as it was: no call, but a jump. */
    .globl dlopen
    .type dlopen, @function
dlopen:
    .cfi_startproc
    push rdi
    .cfi_adjust_cfa_offset 8
    push rsi
    .cfi_adjust_cfa_offset 8
    mov rsi, [rsp + 16]
    sub rsp, 8
    .cfi_adjust_cfa_offset 8
    call load_way
    add rsp, 8
    .cfi_adjust_cfa_offset -8
    pop rsi
    .cfi_adjust_cfa_offset -8
    pop rdi
    .cfi_adjust_cfa_offset -8
    jmp rax
    .cfi_endproc
    .size dlopen, . - dlopen

    .section .note.GNU-stack, "", @progbits
