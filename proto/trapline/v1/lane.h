/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `shm` lane: a file of the run directory that the agents of hosts and one model process map, with a mailbox for
 * each session. An access goes into a mailbox and its completion comes back there; the bridge is not on the way. What
 * the fields of an access and its completion mean is said in bus.proto. C and C++; the bridge reads the numbers below
 * from this text.
 *
 * The file is a head of one page, then LANE_SLOTS mailboxes. The bridge makes it, and says it to both: to agents in the
 * reply to Attach, to the model in OpenSession. Each side reads a field of the other once, into memory of its own, and
 * believes nothing of it.
 *
 * Turns. The agent fills in its request and counts `request.turn` up, then `bell`; the model fills in its answer and
 * sets `answer.turn` to the turn it answers. So a mailbox where both are the same is at rest. Who is about to sleep
 * says so, looks once more, and waits on the word (futex(2)) that the other side changes; who changes a word wakes
 * whoever has said so. A mailbox where an agent has posted a write (bus.proto) is at rest before it puts in another
 * request, and what is there when its session is closed is carried out.
 *
 * A mailbox serves one session after the other, and an agent whose session was ended may not know it yet: it looks
 * whether the mailbox is still its own before it asks, and while it waits.
 */
#ifndef TRAPLINE_V1_LANE_H
#define TRAPLINE_V1_LANE_H

#include <stddef.h>
#include <stdint.h>

/* Counts with each change of this file. */
#define LANE_VERSION 7u
#define LANE_SLOTS 1024
#define LANE_HEAD_BYTES 4096
#define LANE_SLOT_BYTES 16384
#define LANE_DATA_BYTES 4096
#define LANE_DETAIL_BYTES 512
/* Where the answer stands in its mailbox: on a page that the agent only reads. */
#define LANE_ANSWER_AT 8192
/* Of fields that the bridge writes or reads: in the head, in a request, and in an answer. */
#define LANE_CLOSED_AT 4
#define LANE_POSTED_AT 28
#define LANE_READS_AT 48
#define LANE_WRITES_AT 56
#define LANE_POLLS_AT 64
#define LANE_POLL_CYCLES_AT 72
#define LANE_ANSWER_DATA_AT 88

struct lane_head {
    uint32_t version;   /* bridge: LANE_VERSION */
    uint32_t is_closed; /* bridge: 1 when the model process is gone, and answers nothing more */
    uint8_t apart[56];
    uint32_t bell;      /* agents count it up with each request; the model waits on it */
    uint32_t is_asleep; /* model: 1 while it waits, or is about to */
};

struct lane_request {
    uint32_t turn;
    uint32_t is_asleep; /* 1 while the agent waits on answer.turn, or is about to */
    uint32_t cpu;       /* on which the agent runs */
    uint32_t device;
    uint32_t operation; /* trapline.v1.Operation */
    uint32_t width_bytes;
    uint32_t tid;
    uint32_t is_posted; /* Access.posted: 0 or 1 */
    uint64_t seq;
    uint64_t offset;
    uint64_t byte_enables;
    uint64_t pc;
    uint32_t elements;             /* Access.elements */
    uint32_t is_descending;        /* Access.descending: 0 or 1 */
    uint32_t stack;                /* Access.stack */
    uint8_t data[LANE_DATA_BYTES]; /* write: width_bytes of them, of a string for each element */
};

struct lane_answer {
    uint32_t turn;
    uint32_t session; /* whose requests are answered, from its OpenSession to its CloseSession; 0: nobody's */
    uint32_t cpu;     /* on which the model runs */
    uint32_t status;  /* trapline.v1.Status */
    uint32_t data_bytes;
    uint32_t beats;
    uint64_t cycle_start;
    uint64_t cycle_end;
    uint64_t time_ps;
    uint64_t reads;                /* answered so far without a word to the bridge (model.proto, Observed) */
    uint64_t writes;               /* likewise */
    uint64_t polls;                /* answered late so far (model.proto, PollAcceleration), whichever way they came */
    uint64_t poll_cycles;          /* that passed before */
    uint64_t done;                 /* Completion.done */
    uint8_t data[LANE_DATA_BYTES]; /* data_bytes of them, as in Completion */
    char detail[LANE_DETAIL_BYTES];
};

struct lane_slot {
    struct lane_request request;
    uint8_t apart[LANE_ANSWER_AT - sizeof(struct lane_request)];
    struct lane_answer answer;
    uint8_t rest[LANE_SLOT_BYTES - LANE_ANSWER_AT - sizeof(struct lane_answer)];
};

#define LANE_SLOT_AT(index) (LANE_HEAD_BYTES + LANE_SLOT_BYTES * (size_t)(index))

/* How often a side that waits looks before it sleeps, where the other one last ran on another processor. On the same
 * one the other can't run while this one looks. */
#define LANE_LOOKS 2000

#ifndef __cplusplus
#define static_assert _Static_assert
#endif
static_assert(sizeof(struct lane_slot) == LANE_SLOT_BYTES, "a mailbox is whole pages");
static_assert(offsetof(struct lane_slot, answer) == LANE_ANSWER_AT, "the answer has pages of its own");
static_assert(offsetof(struct lane_head, is_closed) == LANE_CLOSED_AT, "the bridge writes it");
static_assert(offsetof(struct lane_request, is_posted) == LANE_POSTED_AT, "the bridge reads it");
static_assert(offsetof(struct lane_answer, reads) == LANE_READS_AT, "the bridge reads it");
static_assert(offsetof(struct lane_answer, writes) == LANE_WRITES_AT, "the bridge reads it");
static_assert(offsetof(struct lane_answer, polls) == LANE_POLLS_AT, "the bridge reads it");
static_assert(offsetof(struct lane_answer, poll_cycles) == LANE_POLL_CYCLES_AT, "the bridge reads it");
static_assert(offsetof(struct lane_answer, data) == LANE_ANSWER_DATA_AT, "the bridge clears what is before it");

#endif
