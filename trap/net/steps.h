/* SPDX-License-Identifier: Apache-2.0
 *
 * The single steps of a filter (classic BPF, of a kernel's view of a call), each put behind those that there are. Pure.
 */
#ifndef TRAPLINE_NET_STEPS_H
#define TRAPLINE_NET_STEPS_H

#include <linux/seccomp.h>

#include "filter.h"

static inline void put(struct filter_program *program, uint16_t code, uint32_t operand, uint8_t if_true,
                       uint8_t if_false)
{
    if (program->length < FILTER_MAX_LENGTH)
        program->code[program->length] = (struct sock_filter){code, if_true, if_false, operand};
    program->length++;
}

static inline void load(struct filter_program *program, size_t offset)
{
    put(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static inline void give_back(struct filter_program *program, uint32_t action)
{
    put(program, BPF_RET | BPF_K, action, 0, 0);
}

static inline void let_pass(struct filter_program *program)
{
    give_back(program, SECCOMP_RET_ALLOW);
}

static inline void stop(struct filter_program *program)
{
    give_back(program, SECCOMP_RET_TRAP | FILTER_MARK);
}

/* Where the upper half of 64 bits is. */
enum { UPPER = sizeof(uint32_t) };

/* Where the call comes from. */
#define PLACE offsetof(struct seccomp_data, instruction_pointer)

static inline size_t argument(int index)
{
    return offsetof(struct seccomp_data, args) + (size_t)index * sizeof(uint64_t);
}

/* A jump over what is not known yet, for jump_here. */
static inline size_t jump(struct filter_program *program)
{
    put(program, BPF_JMP | BPF_JA, 0, 0, 0);
    return program->length - 1;
}

/* Of a conditional jump that leads not more than 254 instructions away: for come_here. */
enum { TO_COME = UINT8_MAX };

static inline void come_here(struct filter_program *program, size_t from)
{
    for (size_t i = from; i < program->length && program->length <= FILTER_MAX_LENGTH; i++) {
        struct sock_filter *step = &program->code[i];
        uint8_t distance = (uint8_t)(program->length - i - 1);
        step->jt = step->jt == TO_COME ? distance : step->jt;
        step->jf = step->jf == TO_COME ? distance : step->jf;
    }
}

static inline void jump_here(struct filter_program *program, size_t from)
{
    if (from < FILTER_MAX_LENGTH)
        program->code[from].k = (uint32_t)(program->length - from - 1);
}

#endif
