# SPDX-License-Identifier: Apache-2.0
# A program for 32-bit x86 without libc: maps the page at MAP_PAGE of /dev/mem, stores a word at 8, and ends with the
# status of what it loads from there.
        .globl  _start
        .data
path:   .asciz  "/dev/mem"
        .text
_start:
        movl    $5, %eax                # open(path, O_RDWR)
        movl    $path, %ebx
        movl    $2, %ecx
        int     $0x80
        movl    %eax, %edi
        movl    $192, %eax              # mmap2(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, page)
        xorl    %ebx, %ebx
        movl    $4096, %ecx
        movl    $3, %edx
        movl    $1, %esi
        movl    $MAP_PAGE, %ebp
        int     $0x80
        movl    $0x11223329, 8(%eax)
        movzbl  8(%eax), %ebx
        movl    $1, %eax                # exit
        int     $0x80
