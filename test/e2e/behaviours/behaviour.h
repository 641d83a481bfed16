// SPDX-License-Identifier: Apache-2.0
// What the families of behaviours share: a row, the device, and what a row must hold. A row knows nothing of Trapline:
// it does with a device what programs do, and ends the process if anything is not as on memory.
#ifndef BEHAVIOUR_H
#define BEHAVIOUR_H

#include <stdbool.h>
#include <sys/types.h>

#include "../hosts/device.h"

// One row. It runs in a process of its own, which must end with status 0, or by the signal `ends_by`.
// A step is part of another row: it runs only when it is named, after an exec.
struct behaviour {
    const char *name;
    void (*show)(void);
    int ends_by;
    bool is_step;
};

// Each family defines its rows; the last one has no name.
extern const struct behaviour behaviours[];

// The first PAGE bytes behind BASE are memory; the PAGE bytes after them can be mapped, but an access is a SIGBUS.
enum { PAGE = 4096, BOTH = PROT_READ | PROT_WRITE };
extern const char *device_path;
extern off_t device_base;

#define REQUIRE(condition) ((condition) ? (void)0 : behaviour_fail(__FILE__, __LINE__, #condition))

__attribute__((noreturn)) void behaviour_fail(const char *file, int line, const char *what);

// The first PAGE bytes, readable and writable. The descriptor is closed.
volatile uint8_t *map_device(void);
int open_device(int flags);
// The start of the device, by mmap(2).
volatile uint8_t *map(void *address, size_t length, int protection, int flags);
// Writes and reads back a value of its own at `offset`, a multiple of 4.
void use_device(volatile uint8_t *device, uint64_t offset);

// Status of the child, as wait(2) gives it.
int wait_for(pid_t child);
// Ends well if the child did.
void require_success(pid_t child);
// Arguments that run `step` of this family in a new program.
char **step_arguments(const char *step);

#endif
