/* SPDX-License-Identifier: Apache-2.0
 *
 * handler32.c: into 32-bit code by the kernel's selectors for programs (its asm/segment.h), and back.
 */
    .intel_syntax noprefix
    .text

/* void handler32_enter(const uint32_t registers[5], uint64_t kept[8]): eip, esp, eax, edx, ecx. What is ours is kept
 * apart from the stack, which becomes the handler's. */
    .globl handler32_enter
    .hidden handler32_enter
    .type handler32_enter, @function
handler32_enter:
    mov [rsi], rbx
    mov [rsi + 8], rbp
    mov [rsi + 16], r12
    mov [rsi + 24], r13
    mov [rsi + 32], r14
    mov [rsi + 40], r15
    pop rax
    mov [rsi + 48], rsp
    mov [rsi + 56], rax
    mov eax, [rdi + 4]
    push 0x2b
    push rax
    push 0x202
    push 0x23
    mov eax, [rdi]
    push rax
    mov eax, [rdi + 8]
    mov edx, [rdi + 12]
    mov ecx, [rdi + 16]
    iretq

/* RSP leads to what was kept. */
    .globl handler32_back
    .hidden handler32_back
handler32_back:
    cld
    mov rbx, [rsp]
    mov rbp, [rsp + 8]
    mov r12, [rsp + 16]
    mov r13, [rsp + 24]
    mov r14, [rsp + 32]
    mov r15, [rsp + 40]
    mov rcx, [rsp + 56]
    mov rsp, [rsp + 48]
    jmp rcx

    .globl handler32_return_of_kernel
    .hidden handler32_return_of_kernel
handler32_return_of_kernel:
    mov eax, 15
    syscall

/* munmap(2) of what RDI and RSI say, and exit(2), without a stack. */
    .globl handler32_unmap_and_exit
    .hidden handler32_unmap_and_exit
handler32_unmap_and_exit:
    mov eax, 11
    syscall
    xor edi, edi
    mov eax, 60
    syscall
    hlt

/* For programs that have no restorer of their own. */
    .globl handler32_restore
    .hidden handler32_restore
handler32_restore:
    .code32
    mov eax, 173
    int 0x80
    .code64
    .section .note.GNU-stack, "", @progbits
