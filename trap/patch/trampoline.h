/* SPDX-License-Identifier: Apache-2.0
 *
 * The code that a patched instruction jumps to. Pure; fault path.
 *
 *     lea rsp, [rsp - 128]; push rax; push rdx; pushfq      past the red zone
 *     lea rax, [operand]
 *     mov rdx, patch
 *     sub rax, [rdx]; cmp rax, [rdx + 8]; jae other         not where the last window was
 *     mov rax, entry; jmp rax                               trap/patched_entry.S
 *     other: popfq; pop rdx; pop rax; lea rsp, [rsp + 128]
 *     original: the instruction; jmp behind it
 *     done: popfq; pop rdx; pop rax; lea rsp, [rsp + 128]; jmp behind it
 *     fault: popfq; pop rdx; pop rax; lea rsp, [rsp + 128]
 *     faulting: mov rax, [where only the kernel is]
 */
#ifndef TRAPLINE_TRAMPOLINE_H
#define TRAPLINE_TRAMPOLINE_H

#include "patch.h"

#define TRAMPOLINE_SIZE 128
/* What a trampoline takes of the host's stack before it calls anything: the red zone and three words. */
#define TRAMPOLINE_STACK 152

/* Whether the instruction can be moved, and its operand found by one lea. */
bool trampoline_can_be(const struct decode *decode);

/* Composes into `code` the trampoline that is to stand at patch->trampoline, and notes in *patch what is where. False
 * if the way back is too far. */
bool trampoline_compose(struct patch *patch, const struct decode *decode, void (*entry)(void),
                        uint8_t code[TRAMPOLINE_SIZE]);

/* How far RSP stands below the host's while `address` of the trampoline, before it goes on elsewhere, is about to run.
 */
unsigned trampoline_depth(const struct patch *patch, uint64_t address);

#endif
