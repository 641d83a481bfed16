// SPDX-License-Identifier: Apache-2.0
// What the families about locks share: what another opener gets, and a process beside this one.
#ifndef LOCKING_H
#define LOCKING_H

#include "behaviour.h"

enum { PASSED = 77 };

// fcntl(2) on a range of the file: 0 or an errno.
int record_lock(int fd, int command, short type, off_t start, off_t length);

// What another opener gets: 0 or an errno.
int flock_again(void);
int record_lock_again(void);
int open_file_lock_again(void);

// What `attempt` gives in a child, which inherits all descriptors.
int in_a_child(int (*attempt)(void));
#define LOCKED(attempt) (in_a_child(attempt) == EAGAIN)
#define FREE(attempt) (in_a_child(attempt) == 0)

int open_locked(void);
// The start of the device.
volatile uint8_t *map_of(int fd);

// A process beside this one. It acts, says that it is ready, and ends when it is told.
struct other {
    pid_t pid;
    int ready, end;
};
struct other begin_other(void (*act)(int argument), int argument);
void end_other(struct other other);

#endif
