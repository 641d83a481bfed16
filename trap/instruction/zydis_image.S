/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of libZydis where it has them in memory (Makefile), on pages of their own; see zydis.c.
 */
    .section .zydis, "a", @progbits
    .balign 4096
    .globl zydis_image
    .hidden zydis_image
zydis_image:
    .incbin "instruction/zydis.image"
    .balign 4096

    .section .note.GNU-stack, "", @progbits
