// SPDX-License-Identifier: Apache-2.0
// The agent's side of a mailbox, and a model in a thread beside it that writes there what it should not.
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conversation.h"
#include "lane/mailbox.h"
#include "random.h"

enum { SLOT = 3, SESSION = 77, RARE = 40, MOST_GARBAGE = 40 };

// What becomes of a request.
enum outcome {
    GOOD,    // answered as it should be
    GARBAGE, // answered with whatever stands there by then
    NOT_OURS,
    CLOSED,
    SILENT,
    OUTCOMES,
};

static struct lane_head *head; // as the model maps them
static struct lane_slot *slot;
static char path[64];
static pthread_barrier_t turn_begins, turn_ends;
static struct {
    struct random random;
    enum outcome outcome;
    uint32_t turn;
} model;
static trapline_v1_Completion good; // what a good answer says

static void *map(int file, size_t size, off_t at)
{
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, at);
    if (mapped == MAP_FAILED) {
        perror("fuzz-mailboxes: mmap");
        exit(2);
    }
    return mapped;
}

static uint32_t a_number(struct random *random)
{
    static const uint32_t limits[] = {0, 1, 2, 4, 5, 6, 7, 4095, 4096, 4097, 0x7fffffff, 0x80000000, UINT32_MAX};
    return random_below(random, 4) == 0 ? (uint32_t)random_next(random)
                                        : limits[random_below(random, sizeof limits / sizeof *limits)];
}

// What the agent wrote itself, and what the bridge wrote; not that the model is gone, which would be true.
static void scribble_elsewhere(struct random *random)
{
    uint32_t *request = (uint32_t *)&slot->request;
    for (uint64_t count = random_below(random, 4); count > 0; count--) {
        uint64_t word = random_below(random, sizeof slot->request / 4);
        __atomic_store_n(&request[random_below(random, 2) ? word : word % 16], a_number(random), __ATOMIC_RELAXED);
    }
    __atomic_store_n(&head->is_asleep, a_number(random), __ATOMIC_RELAXED);
    __atomic_store_n(&head->bell, a_number(random), __ATOMIC_RELAXED);
    __atomic_store_n(&head->version, a_number(random), __ATOMIC_RELAXED);
}

// Anywhere in the answer but the word that ends the wait, and whose it is.
static void scribble(struct random *random)
{
    uint32_t *answer = (uint32_t *)&slot->answer;
    for (uint64_t count = random_below(random, MOST_GARBAGE); count > 0; count--) {
        uint64_t word = 2 + random_below(random, sizeof slot->answer / 4 - 2);
        if (random_below(random, 3) != 0)
            word = 2 + random_below(random, 4);
        __atomic_store_n(&answer[word], a_number(random), __ATOMIC_RELAXED);
    }
    scribble_elsewhere(random);
}

static void answer_well(void)
{
    struct lane_answer *answer = &slot->answer;
    answer->status = good.status;
    answer->data_bytes = good.data.size;
    answer->beats = good.beats;
    answer->cycle_start = good.cycle_start;
    answer->cycle_end = good.cycle_end;
    answer->time_ps = good.time_ps;
    memcpy(answer->data, good.data.bytes, good.data.size);
    memcpy(answer->detail, good.detail, sizeof answer->detail);
}

static void answer(void)
{
    uint32_t other_turn = a_number(&model.random);
    if (other_turn != model.turn)
        __atomic_store_n(&slot->answer.turn, other_turn, __ATOMIC_SEQ_CST);
    if (model.outcome == GOOD)
        answer_well();
    else
        scribble(&model.random);
    if (model.outcome == NOT_OURS)
        __atomic_store_n(&slot->answer.session, SESSION + 1, __ATOMIC_RELEASE);
    else if (model.outcome == CLOSED)
        __atomic_store_n(&head->is_closed, 1, __ATOMIC_RELEASE);
    else if (model.outcome != SILENT)
        __atomic_store_n(&slot->answer.turn, model.turn, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &slot->answer.turn, FUTEX_WAKE, 1, NULL, NULL, 0);
    // What it writes while the agent takes the answer out.
    if (model.outcome == GARBAGE)
        scribble(&model.random);
}

static void *be_model(void *unused)
{
    for (;;) {
        pthread_barrier_wait(&turn_begins);
        while (__atomic_load_n(&slot->request.turn, __ATOMIC_ACQUIRE) != model.turn)
            sched_yield();
        answer();
        pthread_barrier_wait(&turn_ends);
    }
    return unused;
}

void conversation_init(void)
{
    pthread_t thread;
    int file = memfd_create("lane", 0); // stays open: agents find it by its number
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (file < 0 || ftruncate(file, LANE_SLOT_AT(LANE_SLOTS)) != 0) {
        perror("fuzz-mailboxes: a file");
        exit(2);
    }
    head = map(file, LANE_HEAD_BYTES, 0);
    slot = map(file, LANE_SLOT_BYTES, LANE_SLOT_AT(SLOT));
    head->version = LANE_VERSION;
    pthread_barrier_init(&turn_begins, NULL, 2);
    pthread_barrier_init(&turn_ends, NULL, 2);
    pthread_create(&thread, NULL, be_model, NULL);
}

static bool is_lost(void)
{
    return model.outcome == SILENT;
}

static void draw_good(struct random *random, trapline_v1_Access *access)
{
    memset(access, 0, sizeof *access);
    access->seq = random_next(random);
    access->device = 1;
    access->operation = 1 + random_below(random, 2);
    access->width_bytes = 1u << random_below(random, 13);
    access->data.size = access->operation == trapline_v1_Operation_OPERATION_WRITE ? access->width_bytes : 0;
    memset(access->data.bytes, (int)access->seq, access->data.size);
    memset(&good, 0, sizeof good);
    good.seq = access->seq;
    good.status = random_below(random, 4) != 0 ? trapline_v1_Status_STATUS_OKAY : trapline_v1_Status_STATUS_SLVERR;
    good.data.size = (pb_size_t)(access->data.size == 0 ? access->width_bytes : 0);
    memset(good.data.bytes, (int)random_next(random), good.data.size);
    good.cycle_start = random_next(random);
    good.cycle_end = random_next(random);
    good.time_ps = random_next(random);
    if (good.status != trapline_v1_Status_STATUS_OKAY)
        snprintf(good.detail, sizeof good.detail, "SLVERR on number %u", (unsigned)random_next(random));
}

static bool is_carried(const trapline_v1_Access *access)
{
    const struct lane_request *request = &slot->request;
    return request->seq == access->seq && request->operation == access->operation &&
           request->width_bytes == access->width_bytes &&
           memcmp(request->data, access->data.bytes, access->data.size) == 0;
}

static const char *fault_of(const trapline_v1_Access *access, const trapline_v1_Completion *got)
{
    if (got->seq != access->seq)
        return "the completion is of another access";
    if (got->status < trapline_v1_Status_STATUS_OKAY || got->status > trapline_v1_Status_STATUS_DISCONNECTED)
        return "the status is none";
    if (got->data.size > sizeof got->data.bytes)
        return "there is more data than room";
    if (memchr(got->detail, 0, sizeof got->detail) == NULL)
        return "the words have no end";
    if (model.outcome != GOOD)
        return NULL;
    bool is_equal = got->status == good.status && got->data.size == good.data.size &&
                    memcmp(got->data.bytes, good.data.bytes, good.data.size) == 0 &&
                    strcmp(got->detail, good.detail) == 0 && got->cycle_start == good.cycle_start &&
                    got->cycle_end == good.cycle_end && got->time_ps == good.time_ps;
    return is_equal && is_carried(access) ? NULL : "a good answer was not understood";
}

// What the agent reads of its own request, when it asks the bridge for a posted write.
static const char *fault_of_memory(const struct mailbox *mailbox)
{
    trapline_v1_Access *access = malloc(sizeof *access);
    mailbox_look_up(mailbox, access);
    bool is_access = access->operation == trapline_v1_Operation_OPERATION_WRITE &&
                     access->data.size <= sizeof access->data.bytes && access->data.size == access->width_bytes;
    free(access);
    return is_access ? NULL : "a posted write is read as what no access is";
}

static const char *exchange(struct mailbox *mailbox, struct random *random, enum outcome outcome)
{
    static trapline_v1_Access access;
    // Each of its own, so that the sanitizer knows where it ends.
    trapline_v1_Completion *completion = malloc(sizeof *completion);
    memset(completion, 0xa5, sizeof *completion);
    draw_good(random, &access);
    model.outcome = outcome;
    model.random = *random;
    model.turn = mailbox->turn + 1;
    pthread_barrier_wait(&turn_begins);
    mailbox_put(mailbox, &access);
    bool is_answered = mailbox_wait(mailbox, &access, completion, is_lost);
    pthread_barrier_wait(&turn_ends);
    const char *fault = is_answered ? fault_of(&access, completion) : NULL;
    free(completion);
    if (fault == NULL)
        fault = fault_of_memory(mailbox);
    if (fault == NULL && is_answered != (outcome == GOOD || outcome == GARBAGE))
        fault = is_answered ? "an answer that nobody gave was taken" : "an answer was not taken";
    return fault;
}

static const char *try_bad_files(struct random *random)
{
    static struct mailbox mailbox;
    int lowest = dup(0);
    close(lowest);
    if (mailbox_map(&mailbox, path, LANE_SLOTS + (unsigned)random_below(random, 3), SESSION) ||
        mailbox_map(&mailbox, "/tmp", SLOT, SESSION) || mailbox_map(&mailbox, "/no/such/file", SLOT, SESSION) ||
        mailbox_map(&mailbox, "/proc/self/exe", SLOT, SESSION))
        return "a mailbox was found where there is none";
    head->version = LANE_VERSION + 1;
    bool is_mapped = mailbox_map(&mailbox, path, SLOT, SESSION);
    head->version = LANE_VERSION;
    if (is_mapped)
        return "a mailbox of another version was taken";
    if (truncate(path, LANE_SLOT_AT(SLOT)) != 0)
        exit(2);
    is_mapped = mailbox_map(&mailbox, path, SLOT, SESSION);
    if (truncate(path, LANE_SLOT_AT(LANE_SLOTS)) != 0)
        exit(2);
    if (is_mapped)
        return "a mailbox was taken that lies behind the end of its file";
    int still = dup(0);
    close(still);
    return still == lowest ? NULL : "a descriptor was left open";
}

static void begin_session(void)
{
    head->is_closed = 0;
    head->version = LANE_VERSION;
    memset(slot, 0, sizeof *slot);
    slot->answer.session = SESSION;
}

const char *conversation_case(uint64_t seed, uint64_t number)
{
    struct random random = {seed ^ number * 0x2545f4914f6cdd1d};
    struct mailbox mailbox;
    const char *fault = random_below(&random, RARE) == 0 ? try_bad_files(&random) : NULL;
    begin_session();
    if (fault == NULL && (!mailbox_map(&mailbox, path, SLOT, SESSION) || !mailbox_is_open(&mailbox)))
        fault = "a good mailbox was not taken";
    for (int i = 0; fault == NULL && i < 8; i++) {
        // Those that nobody answers take their time.
        bool is_slow = random_below(&random, 8 * RARE) == 0;
        enum outcome outcome = is_slow ? NOT_OURS + random_below(&random, OUTCOMES - NOT_OURS)
                                       : random_below(&random, 2);
        fault = exchange(&mailbox, &random, outcome);
        begin_session();
        if (fault == NULL)
            fault = exchange(&mailbox, &random, GOOD);
    }
    slot->answer.session = SESSION + 1;
    if (fault == NULL && mailbox_is_open(&mailbox))
        fault = "a mailbox of another session is taken for its own";
    mailbox_unmap(&mailbox);
    return fault;
}
