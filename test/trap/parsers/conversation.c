// SPDX-License-Identifier: Apache-2.0
#include "conversation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "hostile.h"
#include "lane/lane_grpc.h"
#include "life.h"
#include "scripted_syscall.h"
#include "time/notice.h"
#include "traffic.h"

enum { MOST_SPOILED = 4 };

static struct script script;

void conversation_init(void)
{
    life_init();
}

// What the rest of the agent divides by and adds to.
static void look_at_devices(const trapline_v1_AttachReply *reply)
{
    for (unsigned i = 0; i < reply->devices_count; i++) {
        const trapline_v1_Device *device = &reply->devices[i];
        if (device->width_bytes > 8 || device->size == 0 || device->base + (device->size - 1) < device->base)
            abort();
    }
}

// True if every access was answered. What comes back is looked at as the agent looks at it.
static bool talk(void)
{
    static trapline_v1_Access access;
    static trapline_v1_Completion completion;
    if (!lane_grpc.start())
        return false;
    look_at_devices(lane_grpc_attach_reply());
    for (uint64_t seq = 1; seq <= ACCESSES; seq++) {
        memset(&access, 0, sizeof access);
        access.seq = seq;
        access.device = 1;
        access.operation = trapline_v1_Operation_OPERATION_READ;
        access.width_bytes = traffic_width();
        if (!lane_grpc.transact(&access, &completion))
            return false;
        if (completion.data.size > sizeof completion.data.bytes ||
            memchr(completion.detail, 0, sizeof completion.detail) == NULL)
            abort();
    }
    return true;
}

// What becomes of it goes to the user's terminal.
static const char *judge_failure(void)
{
    const char *text = lane_grpc.failure();
    if (text == NULL || text[0] == 0)
        return "it failed without a reason";
    for (; *text != 0; text++)
        if ((unsigned char)*text < ' ')
            return "its reason has control characters";
    return NULL;
}

static void spoil(struct random *random)
{
    for (uint64_t times = 1 + random_below(random, MOST_SPOILED); times > 0; times--)
        switch (random_below(random, 3)) {
        case 0:
            hostile_add(&script, random);
            break;
        case 1:
            script_shuffle(&script, random);
            break;
        default:
            chunk_spoil(&script.chunks[random_below(random, script.count)], random);
        }
}

static const char *talk_with_bad(struct random *random)
{
    uint64_t kind = random_below(random, 5);
    script.count = 0;
    traffic_add_all(&script, &(struct spoiler){random, kind == 0, kind == 1, kind == 2});
    if (kind > 2)
        spoil(random);
    scripted_begin(&script, random);
    return talk() ? NULL : judge_failure();
}

static const char *talk_with_good(struct random *random)
{
    script.count = 0;
    traffic_add_all(&script, &(struct spoiler){.random = random});
    scripted_begin(&script, NULL);
    return talk() ? NULL : lane_grpc.failure();
}

static const char *ask_clock(struct random *random, bool is_good)
{
    struct notice_reply reply;
    const struct spoiler spoiler = {random, !is_good && random_below(random, 2), !is_good && random_below(random, 2),
                                    false};
    script.count = 0;
    traffic_add_clock_reply(&script, &spoiler);
    if (!is_good && random_below(random, 2))
        chunk_spoil(&script.chunks[0], random);
    scripted_begin(&script, is_good ? NULL : random);
    if (!is_good && random_below(random, 2)) {
        notice_interrupt_control(3, 1, true);
        notice_answer(3, &reply);
        return NULL;
    }
    bool is_answered = notice_sleep(3, 1000, true, false) && notice_answer(3, &reply);
    return is_good && (!is_answered || reply.time_ps != 12345678 || !reply.interrupted)
               ? "a good answer of the clock was refused"
               : NULL;
}

const char *conversation_case(uint64_t seed, uint64_t number)
{
    struct random random = {seed * UINT64_C(0x100000001b3) ^ number << 20};
    const char *complaint;
    if (number % 2 == 1)
        return (complaint = life_lead(&random, false)) != NULL ? complaint : life_lead(&random, true);
    if (random_below(&random, 8) == 0)
        return (complaint = ask_clock(&random, false)) != NULL ? complaint : ask_clock(&random, true);
    return (complaint = talk_with_bad(&random)) != NULL ? complaint : talk_with_good(&random);
}
