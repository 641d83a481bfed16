/* SPDX-License-Identifier: Apache-2.0
 *
 * The time-stamp counter with virtual time: rdtsc and rdtscp raise SIGSEGV (prctl(2), PR_SET_TSC), and show simulated
 * time. That setting belongs to a thread, goes to all that it makes, and survives exec, where no agent is there yet to
 * serve it; so it is taken off around whatever starts a program. The host may ask for that signal itself, and then gets
 * it.
 */
#ifndef TRAPLINE_TIME_STAMP_H
#define TRAPLINE_TIME_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

/* Lets as much time pass as a look at the clock takes: *now_ns is the simulated time then. False if there is no
 * clock. */
typedef bool time_stamp_look(uint64_t *now_ns);

/* Traps the counter in this thread and all that it makes from now on. The handler must be in place. Not on the fault
 * path. */
void time_stamp_trap(time_stamp_look *look);

/* Whether the counter is trapped in this process. */
bool time_stamp_is_trapped(void);

/* An instruction that reads the counter, or pauses until it has got somewhere: who has no counter may not do that
 * either. */
enum time_stamp_instruction { TIME_STAMP_RDTSC, TIME_STAMP_RDTSCP, TIME_STAMP_PAUSE, TIME_STAMP_OTHER };
struct time_stamp_reading {
    enum time_stamp_instruction instruction;
    unsigned length;
    bool is_of_kernel; /* in the vDSO, which reckons real time from it */
};

/* Whether the instruction at the context's PC, which raised a general protection fault, is one of ours to serve. Fault
 * path. */
bool time_stamp_find(const ucontext_t *context, struct time_stamp_reading *reading);
/* Carries it out: the host gets simulated time, the kernel's code the true counter. Fault path. */
void time_stamp_carry_out(ucontext_t *context, const struct time_stamp_reading *reading);

/* What the host believes of this thread: whether it asked for the signal. */
bool time_stamp_host_wants_signal(void);
void time_stamp_host_asks(bool wants_signal);

/* Gives the calling thread the true counter; whether it has to be taken back. May run in a child after vfork. */
bool time_stamp_release(void);
void time_stamp_take_back(bool was_released);

/* The value of a call that starts a program, or a thread that blocks all signals. */
#define WITH_TIME_STAMPS(call)                                                                                         \
    (__extension__({                                                                                                   \
        bool was_released = time_stamp_release();                                                                      \
        __auto_type called = (call);                                                                                   \
        time_stamp_take_back(was_released);                                                                            \
        called;                                                                                                        \
    }))

#endif
