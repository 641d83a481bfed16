/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses to real devices, which agents carry out themselves and tell the bridge by memory that all processes of a run
 * share with it. C; the bridge reads the numbers below from this text.
 *
 * The file is a head of one page, then RING_RECORDS records. Who makes an access holds the ring meanwhile, so the order
 * of the records is that in which the devices saw the accesses, whichever process or thread made them. Record number n,
 * counted from 0, stands in place n modulo RING_RECORDS; `count` says how many have been written, `taken` how many the
 * bridge has read. Where as many are unread as there is room for, whoever comes next waits.
 *
 * Where the bridge compares each access with a model (lockstep), `waits` is RING_WAITS: who has made an access keeps
 * the ring, and goes on when `taken` has reached `count`. RING_ENDS says that nobody goes on, nor begins.
 *
 * Besides accesses there are records of what a program does with a real device otherwise: it maps a range of it, and
 * unmaps that. Those have RING_MAP and RING_UNMAP as operation. RING_INTERRUPT is what a UIO device has answered a read
 * with, RING_INTERRUPT_CONTROL what was written to it: four bytes of data each.
 *
 * Who holds the ring and is about to make an access writes down which, as the record that it will be, and then its
 * number in `begun`. A process that is killed while it holds the ring leaves its session there, and the bridge frees
 * the ring then: `begun` is `count` + 1 if an access was under way, of which nobody knows whether the device saw it.
 */
#ifndef TRAPLINE_V1_RING_H
#define TRAPLINE_V1_RING_H

#include <stddef.h>
#include <stdint.h>

/* Counts with each change of this file. */
#define RING_VERSION 3u
#define RING_RECORDS 65536
#define RING_HEAD_BYTES 4096
#define RING_RECORD_BYTES 128
#define RING_DATA_BYTES 64
/* Of fields that the bridge writes or reads: in the head, and in a record. */
#define RING_WAITS_AT 4
#define RING_TAKEN_AT 8
#define RING_HOLDER_AT 64
#define RING_BEGUN_AT 72
#define RING_COUNT_AT 128
#define RING_WALL_AT 0
#define RING_PC_AT 8
#define RING_OFFSET_AT 16
#define RING_SESSION_AT 24
#define RING_DEVICE_AT 28
#define RING_THREAD_AT 32
#define RING_STACK_AT 36
#define RING_WIDTH_AT 40
#define RING_OPERATION_AT 44
#define RING_DATA_AT 48
#define RING_ADDRESS_AT 112
#define RING_LENGTH_AT 120
/* What is no trapline.v1.Operation. */
#define RING_MAP 64
#define RING_UNMAP 65
#define RING_INTERRUPT 66
#define RING_INTERRUPT_CONTROL 67

/* Of `waits`; 0: nobody waits for the bridge. */
#define RING_WAITS 1
#define RING_ENDS 2

struct ring_head {
    uint32_t version; /* bridge: RING_VERSION */
    uint32_t waits;   /* bridge: RING_WAITS, RING_ENDS or 0 */
    uint64_t taken;   /* bridge: records that it has read */
    uint8_t apart[48];
    uint32_t holder; /* session of the process that is at an access; 0: none */
    uint32_t reserved_too;
    uint64_t begun; /* number of the record, counted from 1, whose access was begun last */
    uint8_t apart_too[48];
    uint64_t count; /* records that are there, since the beginning */
};

struct ring_record {
    uint64_t wall_ns; /* CLOCK_REALTIME, when the access was done */
    uint64_t pc;
    uint64_t offset;  /* bytes from the start of the device; of what is unmapped 0 */
    uint32_t session; /* AttachReply.lane_session */
    uint32_t device;  /* Device.handle; 0 of what is unmapped */
    uint32_t tid;
    uint32_t stack;       /* Access.stack */
    uint32_t width_bytes; /* 1 to 64, a power of two */
    uint32_t operation;   /* trapline.v1.Operation, or one of the above */
    uint8_t data[RING_DATA_BYTES];
    uint64_t address; /* in the memory of the program; 0: by a call that has none */
    uint64_t length;  /* bytes that are mapped or unmapped; else 0 */
};

#ifndef __cplusplus
#define static_assert _Static_assert
#endif
static_assert(sizeof(struct ring_record) == RING_RECORD_BYTES, "records lie side by side");
static_assert(offsetof(struct ring_head, waits) == RING_WAITS_AT, "the bridge writes it");
static_assert(offsetof(struct ring_head, taken) == RING_TAKEN_AT, "the bridge writes it");
static_assert(offsetof(struct ring_head, holder) == RING_HOLDER_AT, "the bridge writes it");
static_assert(offsetof(struct ring_head, begun) == RING_BEGUN_AT, "the bridge reads it");
static_assert(offsetof(struct ring_head, count) == RING_COUNT_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, wall_ns) == RING_WALL_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, pc) == RING_PC_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, offset) == RING_OFFSET_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, session) == RING_SESSION_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, device) == RING_DEVICE_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, tid) == RING_THREAD_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, stack) == RING_STACK_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, width_bytes) == RING_WIDTH_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, operation) == RING_OPERATION_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, data) == RING_DATA_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, address) == RING_ADDRESS_AT, "the bridge reads it");
static_assert(offsetof(struct ring_record, length) == RING_LENGTH_AT, "the bridge reads it");

#endif
