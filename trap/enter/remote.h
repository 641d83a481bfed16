/* SPDX-License-Identifier: Apache-2.0
 *
 * A process that is stopped behind its exec, in which we make system calls and write memory (ptrace(2)). What fails
 * ends that process, and us, with a sentence.
 */
#ifndef TRAPLINE_ENTER_REMOTE_H
#define TRAPLINE_ENTER_REMOTE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

/* Seizes the process, which may be anywhere; false with errno if that isn't allowed. */
int remote_seize(pid_t process);

/* Waits until its exec has succeeded: 1. 0 if it ended before, or the exec failed and it went on. */
int remote_wait_for_exec(pid_t process);

/* As the kernel lets the program begin. */
const struct user_regs_struct *remote_registers(void);

/* Where its auxiliary vector begins (getauxval(3)). */
uint64_t remote_auxiliary(void);

/* Bytes of a word of the program's: 4 in one of 32 bits, which is then one of i386. */
unsigned remote_word(void);

/* The program's word at an address; ends it if there is none. */
uint64_t remote_word_at(uint64_t address);

/* The kernel's value: -errno on failure. */
long remote_call(long number, long a, long b, long c, long d, long e, long f);

int remote_read(uint64_t address, void *bytes, size_t count);
int remote_write(uint64_t address, const void *bytes, size_t count);

/* Lets it begin at `pc` with `stack`, and no tracer any more. */
void remote_leave(uint64_t pc, uint64_t stack);

/* Ends it, and us. */
void remote_give_up(const char *what) __attribute__((noreturn));

#endif
