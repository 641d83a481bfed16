// SPDX-License-Identifier: Apache-2.0
// The agent's own start-up is taken in as it is, but nothing starts by itself, and what it asks of its lane goes
// through us.
#include "life.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/io_port.h"
#include "device/node.h"
#include "device/stream.h"
#include "device/transfer.h"
#include "device/uio.h"
#include "draw.h"
#include "hostile.h"
#include "lane/lane_grpc.h"
#include "lane/lane_shm.h"
#include "scripted_syscall.h"
#include "time/clock.h"
#include "traffic.h"

static struct channel_lane overheard_lane;
enum { SILENCE_LIMIT_S = 3 };

#define constructor unused
#define lane_shm overheard_lane
#define lane_grpc_init(address, token, limit) ((void)(address), (void)(token), (limit) == SILENCE_LIMIT_S) // done once
#define pthread_atfork(before, parent, child) ((void)(before), (void)(parent), (void)(child))
#include "agent.c"
#undef lane_shm

enum { TRAPLINE_FAILED = 125, MOST_ANSWERS = 1000, MOST_USED = 6, BUFFER = 8192, RARE = 24 };

static struct script script;
static struct draw draw;
static struct scripted_world world;
static unsigned answers;
static trapline_v1_Status last_status;

static bool one_in(unsigned count)
{
    return draw.one_in != 0 && random_below(draw.random, count) == 0;
}

static void answer_access(const trapline_v1_Access *access)
{
    if (scripted_is_over()) {
        script.count = 0;
        scripted_begin(&script, draw.one_in == 0 ? NULL : draw.random);
    }
    if (script.count + 8 > CHUNKS_MAX || answers++ > MOST_ANSWERS)
        return;
    if (one_in(4 * RARE))
        hostile_add(&script, draw.random);
    traffic_add_answer(&script, access, &draw);
    if (one_in(4 * RARE))
        traffic_add_end(&script, &draw);
}

static bool overheard_transact(const trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    answer_access(access);
    if (!lane_shm.transact(access, completion))
        return false;
    last_status = completion->status;
    return true;
}

// An answer of the clock where it was asked, else what opens a device.
static void answer_beside(struct chunk *to, bool is_asked)
{
    if (is_asked)
        traffic_append_clock_reply(to, &draw);
    else
        for (unsigned bytes = one_in(4) ? (unsigned)random_below(draw.random, 12) : 4; bytes > 0; bytes--)
            chunk_append(to, "\0", 1);
}

void life_init(void)
{
    if (!(lane_grpc_init)("unix:" SCRIPTED_BRIDGE, "token", SILENCE_LIMIT_S))
        abort();
    overheard_lane = lane_shm;
    overheard_lane.transact = overheard_transact;
    setenv("TRAPLINE_BRIDGE", "unix:" SCRIPTED_BRIDGE, 1);
    setenv("TRAPLINE_RUN_DIR", SCRIPTED_RUN_DIRECTORY, 1);
    setenv("TRAPLINE_SILENCE_LIMIT", "3", 1);
    scripted_on_side(answer_beside);
}

// ---- what programs do

static const struct transfer_call call = {0x1000, "read"};

static void use_file(const struct device *device)
{
    static uint8_t buffer[BUFFER];
    static const size_t counts[] = {0, 1, 3, 4, 8, 64, 100, 4096, 5000};
    unsigned kinds = sizeof counts / sizeof counts[0] - (device->burst == 0 ? 2 : 0);
    uint64_t offset = draw_number(draw.random, device->size);
    size_t count = counts[random_below(draw.random, kinds)];
    if (random_below(draw.random, 2))
        offset = random_below(draw.random, 64);
    // Each byte of I/O ports takes an answer, and those of no device are told of.
    if (io_port_is_node(device->node)) {
        offset %= device->size;
        count = count > 8 ? 8 : count;
        count = count > device->size - offset ? device->size - offset : count;
    }
    transfer_read_device(call, device->node, device->base + offset, buffer, count);
    transfer_write_device(call, device->node, device->base + offset, buffer, count);
}

static bool may_restart(void)
{
    return true;
}

static void use_connection(const struct device *device)
{
    static uint8_t buffer[BUFFER];
    const struct iovec parts[] = {{buffer, random_below(draw.random, BUFFER / 2)}, {buffer + BUFFER / 2, 4}};
    bool may_wait = random_below(draw.random, 2);
    int descriptor = node_open(device->node, O_RDWR);
    if (descriptor < 0)
        return;
    if (node_kind(device->node) == NODE_STREAM) {
        stream_read(call, descriptor, device->node, parts, 2, may_wait);
        stream_write(call, descriptor, device->node, parts, 2, may_restart);
        return;
    }
    uio_read(descriptor, device->node, buffer, 4, may_wait);
    uio_write(descriptor, device->node, buffer, 4);
    uio_wait_begin(1000);
    uio_wait_end();
    use_file(device);
}

static void use_device(const struct device *device)
{
    if (node_is_connection(device->node))
        use_connection(device);
    else if (node_kind(device->node) == NODE_MEMORY)
        node_open(device->node, O_RDWR);
    else
        use_file(device);
}

static void use_time(void)
{
    const struct memory_poll polled = {.device = 1, .size = 4, .cycles = 16};
    uint64_t now = 0;
    clock_pass(draw_number(draw.random, 1000), &now);
    clock_look(&polled);
    clock_tell_real_timers(5);
    clock_wait_for_timer(&now);
}

// The first device is memory-mapped.
static bool is_readable(void)
{
    uint8_t word[4];
    const struct device *device = device_named(lane_grpc_attach_reply()->devices[0].name);
    return transfer_read_device(call, device->node, device->base, word, sizeof word) == sizeof word;
}

static void live(void)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    state = UNKNOWN;
    agent_start();
    node_note_open(STDERR_FILENO);
    for (unsigned i = 0; i < reply->devices_count && i < MOST_USED; i++) {
        const struct device *device = device_named(
            reply->devices[random_below(draw.random, reply->devices_count)].name);
        if (device != NULL)
            use_device(device);
    }
    uio_wait_begin(1000);
    uio_wait_end();
    use_time();
}

// ---- what must be true of it

static const char *judge_words(void)
{
    static const char prefix[] = "trapline: ";
    bool is_start = true;
    for (size_t i = 0; i < world.length; i++) {
        unsigned char byte = (unsigned char)world.words[i];
        if (is_start && strncmp(world.words + i, prefix, sizeof prefix - 1) != 0)
            return "it says something without its name in front";
        is_start = byte == '\n';
        if (is_start && i > 1 && memcmp(world.words + i - 2, ": ", 2) == 0)
            return "it leaves out the cause";
        if (!is_start && (byte < ' ' || byte == 0x7f))
            return "it says control characters of the bridge's";
    }
    return is_start ? NULL : "a sentence of it has no end";
}

// What it says and goes on.
static bool is_aside(const char *start, const char *end)
{
    static const char *const asides[] = {"the host gets SIGBUS", "so accesses of process", "that are no device's",
                                         "is no device's"};
    for (size_t i = 0; i < sizeof asides / sizeof asides[0]; i++)
        if (memmem(start, (size_t)(end - start), asides[i], strlen(asides[i])) != NULL)
            return true;
    return false;
}

// What ends it has one; of a TIMEOUT the bridge has told. Programs may go on after an access to where no device is.
static const char *judge_count(bool has_ended)
{
    unsigned last_words = 0;
    const char *start = world.words;
    for (const char *end; (end = strchr(start, '\n')) != NULL; start = end + 1)
        last_words += !is_aside(start, end);
    if (has_ended && last_words == 0 && last_status != trapline_v1_Status_STATUS_TIMEOUT)
        return "it ended its process without a word";
    return last_words > has_ended ? "it says more than the one sentence of its end" : NULL;
}

static const char *judge_good(bool has_ended)
{
    static char complaint[600];
    if (!has_ended && world.length == 0 && is_readable())
        return NULL;
    snprintf(complaint, sizeof complaint, "it did not work with a good bridge: %.400s", world.words);
    return complaint;
}

static const char *judge(bool has_ended)
{
    static char complaint[600];
    const char *about_words = judge_words();
    if (world.outside[0] != 0) {
        snprintf(complaint, sizeof complaint, "it touched %s, outside of its run directory", world.outside);
        return complaint;
    }
    if (has_ended && world.status != TRAPLINE_FAILED)
        return "it ended its process with another status than 125";
    return about_words != NULL ? about_words : judge_count(has_ended);
}

static void begin(struct random *random, bool is_good)
{
    static const unsigned rates[] = {4, 16, 100, 400, 2000};
    draw = (struct draw){random, is_good ? 0 : rates[random_below(random, sizeof rates / sizeof rates[0])]};
    script.count = answers = 0;
    last_status = trapline_v1_Status_STATUS_UNSPECIFIED;
    traffic_add_start(&script, &draw);
    if (one_in(RARE))
        hostile_add(&script, random);
    scripted_begin(&script, is_good ? NULL : random);
    scripted_watch(&world);
}

const char *life_lead(struct random *random, bool is_good)
{
    volatile bool has_ended = true;
    begin(random, is_good);
    if (sigsetjmp(world.over, 0) == 0) {
        live();
        has_ended = false;
    }
    world.words[world.length] = 0;
    return is_good ? judge_good(has_ended) : judge(has_ended);
}
