/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's filters (seccomp(2)) of the net, as programs of classic BPF. They name the places of this process that
 * system calls come from, and let all others pass: a filter stays after exec, and the program that comes then, whose
 * loader runs before there is an agent, is elsewhere. Pure.
 */
#ifndef TRAPLINE_NET_FILTER_H
#define TRAPLINE_NET_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What siginfo's si_errno says of a call that a filter of ours has stopped; those of the host's say something else. */
enum { FILTER_MARK = 0x7470 };

/* Addresses behind a system call's instruction, as the kernel gives them: from start to below end. */
struct filter_range {
    uint64_t start, end;
};

/* A filter has room for so many instructions (BPF_MAXINSNS). */
enum { FILTER_MAX_ADDRESSES = 1024, FILTER_MAX_RANGES = 64, FILTER_MAX_FUNCTIONS = 32, FILTER_MAX_LENGTH = 4096 };

struct filter_functions {
    struct filter_range ranges[FILTER_MAX_FUNCTIONS];
    size_t count;
};

/* Where system calls of the host's come from. */
struct filter_places {
    /* Functions of libc's; among those that make memory runnable also places in glibc's loader, which maps libraries.
     */
    struct filter_functions opening, moving, running;
    struct filter_range spared; /* one whose opening is left alone */
    struct filter_range libc;   /* all of it */
    struct filter_range kernel; /* its own page there (vdso(7)), which asks it for what that can't tell */
    /* Code that makes its calls itself: the program's and its libraries', and libc's function for it. */
    struct filter_range program;
    struct filter_range loader; /* of a program in another world than ours, which may have its libc in it */
    size_t own_count, wide_count;
    uint64_t own[FILTER_MAX_ADDRESSES];
    struct filter_range wide[FILTER_MAX_RANGES]; /* that make many, or may make any */
};

/* A whole filter; `length` is above FILTER_MAX_LENGTH if it has no room. */
struct filter_program {
    size_t length;
    struct sock_filter code[FILTER_MAX_LENGTH];
};

/* Stops calls that open files, change what is at a path, or make memory runnable, and of code that makes its calls
 * itself those too that look for files, start programs or change signals. */
void filter_for_paths(const struct filter_places *places, struct filter_program *program);

/* Stops calls that move or map the contents of the descriptors from `first` to `last`, and of code that makes its calls
 * itself all others about them. */
void filter_for_descriptors(const struct filter_places *places, int first, int last, struct filter_program *program);

/* Of code that makes its calls itself, those that change mappings, or wait; of the same and of libc, those with an
 * argument in `pointed`, which may be empty. */
void filter_for_windows(const struct filter_places *places, struct filter_range pointed,
                        struct filter_program *program);

/* The latter alone. */
void filter_for_pointers(const struct filter_places *places, struct filter_range pointed,
                         struct filter_program *program);

/* All of these, of code that makes its calls itself and came late: about whatever descriptor. */
void filter_for_latecomers(const struct filter_places *places, struct filter_range pointed,
                           struct filter_program *program);

/* Of a program in another world than ours (ground/second_world.h): forks. */
void filter_for_forks(const struct filter_places *places, struct filter_program *program);

#endif
