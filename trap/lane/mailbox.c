/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "ground/raw_syscall.h"
#include "ground/signal_safe.h"

/* Nobody wakes us for a model that is gone. */
#define LONGEST_SLEEP_NS 100000000
#define FILE_BYTES LANE_SLOT_AT(LANE_SLOTS)

static long map(long file, size_t size, size_t at)
{
    return raw_syscall(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, at);
}

/* What lies behind the end of a file can be mapped, and kills who looks there. */
static long open_whole(const char *path)
{
    long file = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || raw_syscall(SYS_lseek, file, 0, SEEK_END) >= (long)FILE_BYTES)
        return file;
    raw_syscall(SYS_close, file);
    return -EIO;
}

bool mailbox_map(struct mailbox *mailbox, const char *path, unsigned slot, uint32_t session)
{
    long file = slot < LANE_SLOTS && session != 0 ? open_whole(path) : -EPROTO;
    *mailbox = (struct mailbox){.session = session, .failure = file};
    if (file < 0)
        return false;
    long head = map(file, LANE_HEAD_BYTES, 0);
    long own = map(file, LANE_SLOT_BYTES, LANE_SLOT_AT(slot));
    raw_syscall(SYS_close, file);
    mailbox->head = head < 0 ? NULL : (struct lane_head *)head;
    mailbox->slot = own < 0 ? NULL : (struct lane_slot *)own;
    if (mailbox->head != NULL && mailbox->slot != NULL && mailbox->head->version == LANE_VERSION)
        return true;
    long failure = head < 0 ? head : own < 0 ? own : -EPROTO;
    mailbox_unmap(mailbox);
    mailbox->failure = failure;
    return false;
}

void mailbox_unmap(struct mailbox *mailbox)
{
    if (mailbox->head != NULL)
        raw_syscall(SYS_munmap, mailbox->head, LANE_HEAD_BYTES);
    if (mailbox->slot != NULL)
        raw_syscall(SYS_munmap, mailbox->slot, LANE_SLOT_BYTES);
    *mailbox = (struct mailbox){0};
}

bool mailbox_is_open(const struct mailbox *mailbox)
{
    return mailbox->head != NULL &&
           __atomic_load_n(&mailbox->slot->answer.session, __ATOMIC_ACQUIRE) == mailbox->session &&
           __atomic_load_n(&mailbox->head->is_closed, __ATOMIC_RELAXED) == 0;
}

/*
 * The processor that this thread runs on, without a call of the kernel and without what libc keeps for a thread, which
 * threads of other languages don't have: the limit of a segment that Linux keeps for it
 * (arch/x86/include/asm/segment.h, vdso_read_cpunode).
 */
static uint32_t own_cpu(void)
{
    enum { CPU_NODE_SEGMENT = 0x7b, CPU_BITS = 0xfff };
    unsigned limit, cpu = 0;
    bool is_known;
    __asm__("lsl %[segment], %[limit]" : [limit] "=r"(limit), "=@ccz"(is_known) : [segment] "r"(CPU_NODE_SEGMENT));
    if (is_known)
        return limit & CPU_BITS;
    raw_syscall(SYS_getcpu, &cpu, NULL, NULL);
    return cpu;
}

static void put_in(struct lane_request *request, const trapline_v1_Access *access)
{
    request->cpu = own_cpu();
    request->device = access->device;
    request->operation = access->operation;
    request->width_bytes = access->width_bytes;
    request->tid = access->tid;
    request->is_posted = access->posted;
    request->seq = access->seq;
    request->offset = access->offset;
    request->byte_enables = access->byte_enables;
    request->pc = access->pc;
    request->elements = access->elements;
    request->is_descending = access->descending;
    request->stack = access->stack;
    memcpy(request->data, access->data.bytes, access->data.size);
}

static void ring(struct lane_head *head, bool is_loud)
{
    __atomic_add_fetch(&head->bell, 1, __ATOMIC_SEQ_CST);
    if (is_loud || __atomic_load_n(&head->is_asleep, __ATOMIC_SEQ_CST) == 1)
        raw_syscall(SYS_futex, &head->bell, FUTEX_WAKE, 1);
}

static bool is_answered(struct lane_slot *slot, uint32_t turn)
{
    return __atomic_load_n(&slot->answer.turn, __ATOMIC_ACQUIRE) == turn;
}

/* A string or a copy takes the model longer, up to 0.1 ms for 4 KiB; to sleep meanwhile would add a third. */
static unsigned looks_worth_it(const struct lane_slot *slot)
{
    enum { AS_LONG_AS_ONE = 512 };
    const struct lane_request *request = &slot->request;
    uint64_t bytes = (uint64_t)request->width_bytes * (request->elements > 0 ? request->elements : 1);
    if (__atomic_load_n(&slot->answer.cpu, __ATOMIC_RELAXED) == request->cpu)
        return 1;
    return LANE_LOOKS * (1 + (unsigned)(bytes < LANE_DATA_BYTES ? bytes : LANE_DATA_BYTES) / AS_LONG_AS_ONE);
}

static bool look_for_answer(struct lane_slot *slot, uint32_t turn)
{
    for (unsigned looks = looks_worth_it(slot); looks > 0; looks--) {
        if (is_answered(slot, turn))
            return true;
        __builtin_ia32_pause();
    }
    return false;
}

static void sleep_for_answer(struct lane_slot *slot, uint32_t turn)
{
    const struct timespec longest = {.tv_nsec = LONGEST_SLEEP_NS};
    uint32_t seen = __atomic_load_n(&slot->answer.turn, __ATOMIC_ACQUIRE);
    __atomic_store_n(&slot->request.is_asleep, 1, __ATOMIC_SEQ_CST);
    if (seen != turn)
        raw_syscall(SYS_futex, &slot->answer.turn, FUTEX_WAIT, seen, &longest);
    __atomic_store_n(&slot->request.is_asleep, 0, __ATOMIC_RELAXED);
}

static bool wait_for_answer(struct mailbox *mailbox, uint32_t turn, bool (*is_lost)(void))
{
    struct lane_slot *slot = mailbox->slot;
    while (!look_for_answer(slot, turn)) {
        sleep_for_answer(slot, turn);
        if (is_answered(slot, turn))
            return true;
        if (!mailbox_is_open(mailbox) || is_lost())
            return is_answered(slot, turn);
        /* Should anybody have written over it, or over who is asleep. */
        __atomic_store_n(&slot->request.turn, turn, __ATOMIC_RELEASE);
        ring(mailbox->head, true);
    }
    return true;
}

/* What a model says is looked over as what a bridge says is. */
static void take_out(const struct lane_answer *answer, const trapline_v1_Access *access,
                     trapline_v1_Completion *completion)
{
    uint32_t status = __atomic_load_n(&answer->status, __ATOMIC_RELAXED);
    uint32_t count = __atomic_load_n(&answer->data_bytes, __ATOMIC_RELAXED);
    bool is_status = status >= trapline_v1_Status_STATUS_OKAY && status <= trapline_v1_Status_STATUS_DISCONNECTED;
    memset(completion, 0, offsetof(trapline_v1_Completion, data));
    completion->seq = access->seq;
    completion->status = is_status ? (trapline_v1_Status)status : trapline_v1_Status_STATUS_DISCONNECTED;
    completion->data.size = (pb_size_t)(count <= LANE_DATA_BYTES ? count : 0);
    memcpy(completion->data.bytes, answer->data, completion->data.size);
    completion->cycle_start = answer->cycle_start;
    completion->cycle_end = answer->cycle_end;
    completion->time_ps = answer->time_ps;
    completion->beats = answer->beats;
    completion->detail[0] = 0;
    completion->posted = 0;
    completion->done = (uint32_t)answer->done;
    if (completion->status == trapline_v1_Status_STATUS_OKAY)
        return;
    memcpy(completion->detail, answer->detail, LANE_DETAIL_BYTES - 1);
    completion->detail[LANE_DETAIL_BYTES - 1] = 0;
}

void mailbox_put(struct mailbox *mailbox, const trapline_v1_Access *access)
{
    struct lane_slot *slot = mailbox->slot;
    put_in(&slot->request, access);
    __atomic_store_n(&slot->request.turn, ++mailbox->turn, __ATOMIC_RELEASE);
    ring(mailbox->head, false);
}

bool mailbox_wait(struct mailbox *mailbox, const trapline_v1_Access *access, trapline_v1_Completion *completion,
                  bool (*is_lost)(void))
{
    if (!wait_for_answer(mailbox, mailbox->turn, is_lost))
        return false;
    take_out(&mailbox->slot->answer, access, completion);
    return true;
}

void mailbox_look_up(const struct mailbox *mailbox, trapline_v1_Access *access)
{
    const struct lane_request *request = &mailbox->slot->request;
    uint32_t width = __atomic_load_n(&request->width_bytes, __ATOMIC_RELAXED);
    memset(access, 0, sizeof *access);
    access->device = request->device;
    access->operation = trapline_v1_Operation_OPERATION_WRITE;
    access->width_bytes = width <= LANE_DATA_BYTES ? width : 0;
    access->tid = request->tid;
    access->seq = request->seq;
    access->offset = request->offset;
    access->byte_enables = request->byte_enables;
    access->pc = request->pc;
    access->stack = request->stack;
    access->data.size = (pb_size_t)access->width_bytes;
    memcpy(access->data.bytes, request->data, access->data.size);
}
