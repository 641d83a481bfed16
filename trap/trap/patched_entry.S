/* SPDX-License-Identifier: Apache-2.0 */
#include "patch/patch.h"
#include "patched.h"

    .intel_syntax noprefix
    .text

/* Where trampolines jump to: RDX is the patch, and on the stack are the host's flags, RDX and RAX, then its red zone.
 * Builds a patched_frame there, and goes on where patched_carry_out says. */
    .globl patched_entry
    .hidden patched_entry
    .type patched_entry, @function
patched_entry:
    .cfi_startproc
    .cfi_signal_frame
    .cfi_def_cfa rsp, 152
    .cfi_offset rdx, -144
    .cfi_offset rax, -136
    /* The host is at its instruction, which *rdx names: DW_OP_breg1 PATCH_PC. */
    .cfi_escape 0x10, 16, 2, 0x71, PATCH_PC
    /* Under an alignment check (EFLAGS.AC) nobody's code but the host's can run. */
    test dword ptr [rsp], 1 << 18
    jnz 1f
    push r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r15, 0
    push r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r14, 0
    push r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r13, 0
    push r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset r12, 0
    push r11
    .cfi_adjust_cfa_offset 8
    push r10
    .cfi_adjust_cfa_offset 8
    push r9
    .cfi_adjust_cfa_offset 8
    push r8
    .cfi_adjust_cfa_offset 8
    push rdi
    .cfi_adjust_cfa_offset 8
    push rsi
    .cfi_adjust_cfa_offset 8
    push rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbp, 0
    lea rax, [rsp + 11 * 8 + 152]
    push rax
    .cfi_adjust_cfa_offset 8
    push rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset rbx, 0
    push [rsp + 13 * 8 + 8]
    .cfi_adjust_cfa_offset 8
    push rcx
    .cfi_adjust_cfa_offset 8
    push [rsp + 15 * 8 + 16]
    .cfi_adjust_cfa_offset 8
    mov rbx, rsp
    .cfi_def_cfa_register rbx
    mov r12, rdx
    /* DW_OP_breg12 PATCH_PC */
    .cfi_escape 0x10, 16, 2, 0x7c, PATCH_PC
    and rsp, -16
    cld
    mov rdi, rbx
    mov rsi, rdx
    call patched_carry_out
    mov rdx, r12
    .cfi_escape 0x10, 16, 2, 0x71, PATCH_PC
    mov rsp, rbx
    .cfi_def_cfa_register rsp
    mov rcx, [rsp + PATCHED_RAX]
    mov [rsp + PATCHED_OWN_RAX], rcx
    mov rcx, [rsp + PATCHED_RDX]
    mov [rsp + PATCHED_OWN_RDX], rcx
    mov rcx, [rsp + 1 * 8]
    mov rbx, [rsp + 3 * 8]
    .cfi_same_value rbx
    mov rbp, [rsp + 5 * 8]
    .cfi_same_value rbp
    mov rsi, [rsp + 6 * 8]
    mov rdi, [rsp + 7 * 8]
    mov r8, [rsp + 8 * 8]
    mov r9, [rsp + 9 * 8]
    mov r10, [rsp + 10 * 8]
    mov r11, [rsp + 11 * 8]
    mov r12, [rsp + 12 * 8]
    .cfi_same_value r12
    mov r13, [rsp + 13 * 8]
    .cfi_same_value r13
    mov r14, [rsp + 14 * 8]
    .cfi_same_value r14
    mov r15, [rsp + 15 * 8]
    .cfi_same_value r15
    lea rsp, [rsp + PATCHED_FLAGS]
    .cfi_adjust_cfa_offset -PATCHED_FLAGS
    jmp rax
1:
    jmp [rdx + PATCH_OTHER]
    .cfi_endproc
    .size patched_entry, . - patched_entry

    .section .note.GNU-stack, "", @progbits
