/* SPDX-License-Identifier: Apache-2.0 */
#include "execute.h"

    .intel_syntax noprefix
    .text

/* What a function of C keeps for its caller (x86-64 psABI, 3.2.1); execute_leave brings it back. */
    .macro keep_registers
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    pushfq
    .endm

/* To the stack on which a copy may fault. */
    .macro step_to_copy
    mov [rip + execute_frame + EXECUTE_OWN_RSP], rsp
    mov rsp, [rip + execute_frame + EXECUTE_STACK]
    .endm

/* int execute_enter(void): runs execute_frame.code on the frame's registers; 0, or 1 if it raised a signal. */
    .globl execute_enter
    .hidden execute_enter
    .type execute_enter, @function
execute_enter:
    keep_registers
    lea rdi, [rip + execute_frame]
    mov [rdi + EXECUTE_OWN_RSP], rsp
    mov rcx, [rdi + EXECUTE_XSAVE]
    test rcx, rcx
    jz 1f
    mov eax, [rdi + EXECUTE_COMPONENTS]
    mov edx, [rdi + EXECUTE_COMPONENTS + 4]
    xrstor64 [rcx]
1:
    push [rdi + EXECUTE_FLAGS]
    popfq
    mov rsp, [rdi + EXECUTE_RUN_RSP]
    mov rax, [rdi + EXECUTE_GENERAL + 0]
    mov rcx, [rdi + EXECUTE_GENERAL + 8]
    mov rdx, [rdi + EXECUTE_GENERAL + 16]
    mov rbx, [rdi + EXECUTE_GENERAL + 24]
    mov rbp, [rdi + EXECUTE_GENERAL + 40]
    mov rsi, [rdi + EXECUTE_GENERAL + 48]
    mov r8, [rdi + EXECUTE_GENERAL + 64]
    mov r9, [rdi + EXECUTE_GENERAL + 72]
    mov r10, [rdi + EXECUTE_GENERAL + 80]
    mov r11, [rdi + EXECUTE_GENERAL + 88]
    mov r12, [rdi + EXECUTE_GENERAL + 96]
    mov r13, [rdi + EXECUTE_GENERAL + 104]
    mov r14, [rdi + EXECUTE_GENERAL + 112]
    mov r15, [rdi + EXECUTE_GENERAL + 120]
    mov rdi, [rdi + EXECUTE_GENERAL + 56]
    jmp [rip + execute_frame + EXECUTE_CODE]

/* Where the code in a slot jumps to. Flags and every register are the instruction's result. */
    .globl execute_return
    .hidden execute_return
execute_return:
    mov [rip + execute_frame + EXECUTE_GENERAL + 56], rdi
    lea rdi, [rip + execute_frame]
    mov [rdi + EXECUTE_GENERAL + 0], rax
    mov [rdi + EXECUTE_GENERAL + 8], rcx
    mov [rdi + EXECUTE_GENERAL + 16], rdx
    mov [rdi + EXECUTE_GENERAL + 24], rbx
    mov [rdi + EXECUTE_GENERAL + 32], rsp
    mov [rdi + EXECUTE_GENERAL + 40], rbp
    mov [rdi + EXECUTE_GENERAL + 48], rsi
    mov [rdi + EXECUTE_GENERAL + 64], r8
    mov [rdi + EXECUTE_GENERAL + 72], r9
    mov [rdi + EXECUTE_GENERAL + 80], r10
    mov [rdi + EXECUTE_GENERAL + 88], r11
    mov [rdi + EXECUTE_GENERAL + 96], r12
    mov [rdi + EXECUTE_GENERAL + 104], r13
    mov [rdi + EXECUTE_GENERAL + 112], r14
    mov [rdi + EXECUTE_GENERAL + 120], r15
    mov rsp, [rdi + EXECUTE_OWN_RSP]
    pushfq
    pop [rdi + EXECUTE_FLAGS]
    mov rcx, [rdi + EXECUTE_XSAVE]
    test rcx, rcx
    jz 1f
    mov eax, [rdi + EXECUTE_COMPONENTS]
    mov edx, [rdi + EXECUTE_COMPONENTS + 4]
    xsave64 [rcx]
1:
    xor eax, eax
    jmp execute_leave

/* int execute_copy_bytes(void *to, const void *from, size_t count): 0, or 1 on a fault. */
    .globl execute_copy_bytes
    .hidden execute_copy_bytes
    .type execute_copy_bytes, @function
execute_copy_bytes:
    keep_registers
    step_to_copy
    mov rcx, rdx
    cld
    .globl execute_copy_begin
    .hidden execute_copy_begin
execute_copy_begin:
    rep movsb
    jmp execute_copy_end
move_1:
    mov al, [rsi]
    mov [rdi], al
    jmp execute_copy_end
move_2:
    mov ax, [rsi]
    mov [rdi], ax
    jmp execute_copy_end
move_4:
    mov eax, [rsi]
    mov [rdi], eax
    jmp execute_copy_end
move_8:
    mov rax, [rsi]
    mov [rdi], rax
    jmp execute_copy_end
move_16:
    movdqu xmm0, [rsi]
    movdqu [rdi], xmm0
    jmp execute_copy_end
move_32:
    vmovdqu ymm0, [rsi]
    vmovdqu [rdi], ymm0
    jmp execute_copy_end
move_64:
    vmovdqu64 zmm0, [rsi]
    vmovdqu64 [rdi], zmm0
    .globl execute_copy_end
    .hidden execute_copy_end
execute_copy_end:
    mov rsp, [rip + execute_frame + EXECUTE_OWN_RSP]
    xor eax, eax
    jmp execute_leave

/* int execute_move_bytes(void *to, const void *from, size_t width): the same, by one load and one store. */
    .globl execute_move_bytes
    .hidden execute_move_bytes
    .type execute_move_bytes, @function
execute_move_bytes:
    keep_registers
    step_to_copy
    cmp rdx, 4
    je move_4
    cmp rdx, 8
    je move_8
    cmp rdx, 1
    je move_1
    cmp rdx, 2
    je move_2
    cmp rdx, 16
    je move_16
    cmp rdx, 32
    je move_32
    jmp move_64

/* Where execute_recover sends a thread whose instruction or copy raised a signal. */
    .globl execute_failed
    .hidden execute_failed
execute_failed:
    mov rsp, [rip + execute_frame + EXECUTE_OWN_RSP]
    mov eax, 1
execute_leave:
    popfq
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret

/* void execute_on_stack(void (*function)(void *), void *argument) */
    .globl execute_on_stack
    .hidden execute_on_stack
    .type execute_on_stack, @function
execute_on_stack:
    .cfi_startproc
    /* Debuggers take a stack that lies above the next one for corrupt, unless it is a signal's. */
    .cfi_signal_frame
    push rbp
    .cfi_def_cfa_offset 16
    .cfi_offset rbp, -16
    mov rbp, rsp
    .cfi_def_cfa_register rbp
    mov [rip + execute_frame + EXECUTE_STACK], rsp
    lea rsp, [rip + execute_own_stack + EXECUTE_OWN_STACK_SIZE]
    mov rax, rdi
    mov rdi, rsi
    call rax
    mov rsp, rbp
    pop rbp
    .cfi_def_cfa rsp, 8
    ret
    .cfi_endproc

    .section .note.GNU-stack, "", @progbits
