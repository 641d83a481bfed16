/* SPDX-License-Identifier: Apache-2.0
 *
 * call32.h: the registers of the kernel's convention for 32-bit programs.
 */
#include "call32.h"

    .intel_syntax noprefix
    .text

    .globl call32
    .hidden call32
    .type call32, @function
call32:
    push rbx
    push rbp
    mov rax, rdi
    mov rbx, [rsi]
    mov rcx, [rsi + 8]
    mov rdx, [rsi + 16]
    mov rdi, [rsi + 32]
    mov r8d, CALL32_MARK
    shl r8, 32
    mov ebp, [rsi + 40]
    or rbp, r8
    mov rsi, [rsi + 24]
    int 0x80
    pop rbp
    pop rbx
    cdqe
    ret
    .section .note.GNU-stack, "", @progbits
