/* SPDX-License-Identifier: Apache-2.0
 *
 * The devices of this session, as Attach gave them: which range of which node's file is which device. Fault path.
 */
#ifndef TRAPLINE_DEVICE_H
#define TRAPLINE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVICE_MAX 64
#define DEVICE_BURST_BOUNDARY 4096

/* ErrorPolicy in proto/trapline/v1/agent.proto. */
enum device_error_policy { DEVICE_SIGBUS = 1, DEVICE_ONES = 2, DEVICE_ABORT = 3 };

struct device {
    uint32_t handle;
    int node;            /* see node.h */
    uint64_t base, size; /* in the node's file */
    unsigned width;      /* of its registers, bytes */
    unsigned burst;  /* bytes of the longest access of a plain copy; 0 if each element is one. Stream: of a piece of a
                        packet */
    unsigned string; /* bytes of the longest access that carries elements of one string instruction or registers of one
                        call; 0: each is one */
    bool has_interrupt;            /* UIO */
    bool is_readable, is_writable; /* stream */
    unsigned unit;                 /* stream: bytes of which a packet that is written is a multiple */
    bool has_end;                  /* reads at its end give end of file (char), not an error (mem) */
    enum device_error_policy on_error;
    bool is_posted; /* its writes are */
    char name[64];
    bool is_port;             /* I/O ports */
    bool is_real;             /* a real device: */
    char hardware[256];       /* path of its file */
    uint64_t hardware_offset; /* where it begins in that */
    char memory[256];         /* reserved memory in the node's file, no device: path of the file that holds it */
};

void device_reset(void);
/* False if the table is full. */
bool device_add(const struct device *device);

/* Memory that is at `file_offset` of a node or begins before `end`, the first of it; NULL if there is none. */
const struct device *device_memory_in(int node, uint64_t file_offset, uint64_t end);

/* The device that holds `file_offset` of a node; if none does, the last one before it. NULL if all lie behind it. */
const struct device *device_at(int node, uint64_t file_offset);
/* Whether the file of the node ends where its last device does: a character device's does, physical memory has no end.
 */
bool device_has_end(int node);
/* The device of that handle; NULL if there is none. */
const struct device *device_of_handle(uint32_t handle);
/* The device that has that name in the configuration; NULL if there is none. */
const struct device *device_named(const char *name);
/* How many of `want` bytes at `offset` in the device one access of a plain copy can take; 0 if it takes no bursts. A
 * burst does not cross a multiple of 4096 (AXI IHI 0022, A3.4.1). */
uint64_t device_burst_room(const struct device *device, uint64_t offset, uint64_t want);
/* How many of `want` bytes one access of elements of a string instruction can take, the first of which, of `width`
 * bytes, lies at `offset` in the device; 0 if each is an access, or where it does not lie in the device. */
uint64_t device_string_room(const struct device *device, uint64_t offset, unsigned width, bool is_descending,
                            uint64_t want);
/* Whether any device or memory lies in [from, to) of the node. */
bool device_within(int node, uint64_t from, uint64_t to);
/* Writes where the first few of a node's devices lie into `text`, as a sentence has it; cut off at `size` bytes. */
void device_places(int node, char *text, unsigned size);

#endif
