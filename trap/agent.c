/* SPDX-License-Identifier: Apache-2.0 */
#include "ground/agent.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "callers/callers.h"
#include "calls32/by_number32.h"
#include "device/anchor.h"
#include "device/bus.h"
#include "device/device.h"
#include "device/io_port.h"
#include "device/node.h"
#include "device/path.h"
#include "ground/broker.h"
#include "ground/first.h"
#include "ground/kernel_signals.h"
#include "ground/ledger.h"
#include "ground/low_world.h"
#include "ground/report.h"
#include "ground/run_file.h"
#include "ground/second_world.h"
#include "ground/waits.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "instruction/site.h"
#include "instruction/zydis.h"
#include "interpose/by_number.h"
#include "interpose/environment.h"
#include "interpose/io_ports.h"
#include "interpose/signal.h"
#include "interpose/time_stamp.h"
#include "interpose/unwind.h"
#include "lane/channel.h"
#include "lane/lane_grpc.h"
#include "lane/lane_shm.h"
#include "memory/memory_poll.h"
#include "memory/shared_memory.h"
#include "memory/window.h"
#include "net/net.h"
#include "time/clock.h"
#include "time/settle.h"
#include "trap/patched.h"
#include "trap/signals.h"
#include "trapline/v1/lane.h"

static enum { UNKNOWN, STARTING, OFF, RUNNING } state;

static bool is_constructed;

static const char *run_directory;

/* The bridge is not asked yet in the first second. */
enum { SHORTEST_SILENCE_S = 2, LONGEST_SILENCE_S = 86400 };

enum { MOST_TRAPS = 1000000 };

/* Wherever the run directory is on this machine. */
static void find_in_run_directory(char path[RUN_FILE_PATH], const char *name)
{
    run_file_find(path, run_directory, name);
}

static int node_for(const trapline_v1_Device *device)
{
    char behind[256];
    switch (device->kind) {
    case trapline_v1_DeviceKind_DEVICE_KIND_UIO:
        find_in_run_directory(behind, device->socket);
        return node_make(device->path, NODE_UIO, behind);
    case trapline_v1_DeviceKind_DEVICE_KIND_STREAM:
        find_in_run_directory(behind, device->socket);
        return node_make(device->path, NODE_STREAM, behind);
    case trapline_v1_DeviceKind_DEVICE_KIND_DMA_BUFFER:
        find_in_run_directory(behind, device->backing);
        return node_make(device->path, NODE_MEMORY, behind);
    case trapline_v1_DeviceKind_DEVICE_KIND_HARDWARE:
        return node_make(device->path, NODE_HARDWARE, "");
    case trapline_v1_DeviceKind_DEVICE_KIND_HARDWARE_UIO:
        return node_make(device->path, NODE_HARDWARE_UIO, "");
    default:
        return node_make(device->path, NODE_TRAPPED, "");
    }
}

/* Whoever has started the program has named real devices; a bridge alone opens no file outside of its run directory. */
static bool may_reach_hardware(void)
{
    const char *text = getenv("TRAPLINE_HARDWARE");
    return text != NULL && strcmp(text, "1") == 0;
}

/* The same device may be there by several paths, of which the first is its own. */
static void take_hardware(struct device *device, const trapline_v1_Device *from)
{
    const struct device *first = device_of_handle(from->handle);
    if (!may_reach_hardware())
        report_fatal("the bridge would have the program use the real device %s; if it may, set TRAPLINE_HARDWARE=1",
                     from->path);
    if (from->handle > DEVICE_MAX)
        report_fatal("the bridge names a device %u, and %u is the limit", (uint64_t)from->handle, (uint64_t)DEVICE_MAX);
    memcpy(device->hardware, first != NULL ? first->hardware : from->path, sizeof device->hardware);
    device->is_real = true;
    device->hardware_offset = from->hardware_offset;
}

static void take_device(const trapline_v1_Device *from)
{
    struct device device = {.handle = from->handle,
                            .node = node_for(from),
                            .base = from->base,
                            .size = from->size,
                            .width = from->width_bytes == 0 ? 4 : from->width_bytes,
                            .burst = from->burst_bytes < DEVICE_BURST_BOUNDARY ? from->burst_bytes
                                                                               : DEVICE_BURST_BOUNDARY,
                            .string = from->string_bytes < BUS_STRING_MAX ? from->string_bytes : BUS_STRING_MAX,
                            .has_end = from->kind == trapline_v1_DeviceKind_DEVICE_KIND_CHAR ||
                                       from->kind == trapline_v1_DeviceKind_DEVICE_KIND_HARDWARE,
                            .is_readable = from->is_readable,
                            .is_writable = from->is_writable,
                            .unit = from->unit_bytes == 0 ? 1 : from->unit_bytes,
                            .has_interrupt = from->has_interrupt,
                            .is_posted = from->posted,
                            .on_error = (enum device_error_policy)from->on_error};
    memcpy(device.name, from->name, sizeof device.name);
    device.is_port = from->kind == trapline_v1_DeviceKind_DEVICE_KIND_PORT;
    if (from->hardware)
        take_hardware(&device, from);
    if (from->kind == trapline_v1_DeviceKind_DEVICE_KIND_RESERVED)
        find_in_run_directory(device.memory, from->backing);
    if (device.node == NODE_NONE)
        report_fatal("%s has no file in the directory that TRAPLINE_RUN_DIR names, and none can be made", from->path);
    if (device.is_port && strcmp(from->path, "/dev/port") != 0)
        report_fatal("the bridge has I/O ports in %s, and they are in /dev/port; use a bridge that can be trusted",
                     from->path);
    if (device.is_port)
        io_port_serve(device.node);
    device_add(&device);
}

static void take_devices(const trapline_v1_AttachReply *reply)
{
    node_reset(run_directory);
    path_init(run_directory);
    device_reset();
    io_port_serve(NODE_NONE);
    for (pb_size_t i = 0; i < reply->devices_count; i++)
        take_device(&reply->devices[i]);
}

/* Valgrind's signal frames neither hold the vector registers nor bring them back. */
static void refuse_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");
    if (preload != NULL && strstr(preload, "/vgpreload_") != NULL)
        report_fatal("valgrind hides the vector registers from signal handlers, so accesses would go wrong under it; "
                     "build the program with -fsanitize=address instead");
}

/* Seconds; 0 where a launcher looks after the bridge. */
static unsigned silence_limit(void)
{
    const char *text = getenv("TRAPLINE_SILENCE_LIMIT");
    char *end;
    if (text == NULL)
        return 0;
    unsigned long seconds = strtoul(text, &end, 10);
    if (*end != 0 || seconds < SHORTEST_SILENCE_S || seconds > LONGEST_SILENCE_S)
        report_fatal("TRAPLINE_SILENCE_LIMIT is '%s', but must be seconds from %u to %u", text,
                     (uint64_t)SHORTEST_SILENCE_S, (uint64_t)LONGEST_SILENCE_S);
    return (unsigned)seconds;
}

/* After how many traps an instruction is patched; 0: never. */
static unsigned patch_limit(void)
{
    const char *text = getenv("TRAPLINE_PATCH_AFTER");
    char *end;
    if (text == NULL || *text == 0)
        return 0;
    unsigned long traps = strtoul(text, &end, 10);
    if (*end != 0 || traps == 0 || traps > MOST_TRAPS)
        report_fatal("TRAPLINE_PATCH_AFTER is '%s', but must be a number of traps from 1 to %u", text,
                     (uint64_t)MOST_TRAPS);
    return (unsigned)traps;
}

/* Where accesses go by mailboxes only. */
static void start_patching(void)
{
    unsigned after = patch_limit();
    if (after == 0)
        return;
    if (lane_grpc_attach_reply()->lane_slot == 0 && ledger_is_first_to_say(LEDGER_NO_MAILBOX))
        report(
            "--patch does nothing for process %u: the bridge gives it no mailbox, so its accesses go by gRPC; a bridge "
            "has mailboxes with --lane shm, for %u processes at a time",
            (uint64_t)getpid(), (uint64_t)LANE_SLOTS);
    unwind_init();
    if (!patched_start(after, false))
        report(
            "--patch is not used: this kernel has no membarrier(2) for code that is changed, or it is forbidden here");
}

/* Where clocks are simulated, what the kernel keeps in the memory of the process may be closed to it: NULL. */
static int (*find_real_clock(void))(clockid_t, struct timespec *)
{
    int (*clock)(clockid_t, struct timespec *) = NULL;
    void *kernel = clock_is_virtual() ? NULL : dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);
    if (kernel != NULL)
        *(void **)&clock = dlsym(kernel, "__vdso_clock_gettime");
    return clock;
}

/* The user may do without it. */
static void start_net(void)
{
    const char *text = getenv("TRAPLINE_NET");
    if (text != NULL && strcmp(text, "0") == 0)
        return;
    if (low_world_is_there)
        net_take_code32(by_number32);
    net_start(by_number, pointed_call_of_libc);
}

/* Set by the first that comes to a device. */
static atomic_bool has_asked;

static void ask_bridge(void)
{
    has_asked = true;
    if (!execute_init())
        report_fatal("no memory can be mapped for the agent");
    zydis_prepare();
    ledger_note_asking();
    if (!channel_open())
        report_fatal("%s", lane_shm.failure());
    ledger_note_attached();
}

/* As another process of the run was told. */
static bool knows_devices(void)
{
    size_t length;
    const uint8_t *published = ledger_published(&length);
    bool is_known = published != NULL && lane_grpc_know(published, length);
    return is_known && program_invocation_name[0] != 0 && ledger_move_in(program_invocation_name);
}

static void attach(const char *bridge, const char *token)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    char clock_socket[256] = "";
    if (run_directory == NULL)
        report_fatal("TRAPLINE_BRIDGE is set but TRAPLINE_RUN_DIR is not; start programs with 'trapline run'");
    if (!second_world_start())
        report_fatal("no memory can be mapped for the agent");
    broker_init(getenv(BROKER_VARIABLE), run_directory);
    ledger_open(run_directory);
    if (!lane_grpc_init(bridge, token == NULL ? "" : token, silence_limit()))
        report_fatal("TRAPLINE_BRIDGE is '%s', which is neither unix:/path nor a host:port that can be resolved",
                     bridge);
    lane_shm_init(run_directory);
    refuse_valgrind();
    registers_init();
    if (!channel_init(&lane_shm))
        report_fatal("no memory can be mapped for the agent");
    if (!knows_devices())
        ask_bridge();
    take_devices(reply);
    site_tell_build_ids(reply->takes_build_ids);
    callers_tell(reply->call_stacks, reply->takes_build_ids);
    if (reply->clock_socket[0] != 0)
        find_in_run_directory(clock_socket, reply->clock_socket);
    clock_init(clock_socket, reply->virtual_time, reply->epoch_ns);
    waits_init(find_real_clock());
    start_net();
    if (node_look_for_open())
        anchor_inherit();
    pthread_atfork(anchor_before_fork, anchor_after_fork, anchor_after_fork);
    signal_inherit_mask();
    if (getenv("TRAPLINE_GDB") != NULL)
        signals_mark_crashes();
    environment_remember();
    io_ports_inherit();
    memory_poll_init(clock_look);
    if (has_asked)
        start_patching();
    pthread_atfork(window_before_fork, window_after_fork, window_after_fork);
    pthread_atfork(NULL, shared_memory_after_fork, shared_memory_after_fork);
    pthread_atfork(NULL, NULL, channel_after_fork);
    pthread_atfork(settle_posted, NULL, NULL);
    time_stamp_start();
}

bool agent_start(void)
{
    if (state == UNKNOWN && environ != NULL) {
        const char *bridge = getenv("TRAPLINE_BRIDGE");
        state = STARTING;
        run_directory = getenv("TRAPLINE_RUN_DIR");
        if (bridge != NULL)
            attach(bridge, getenv("TRAPLINE_TOKEN"));
        state = bridge != NULL ? RUNNING : OFF;
    }
    return state == RUNNING;
}

/* The memory of a vfork child is its parent's, and whatever it opens is gone when it has become another program. */
void agent_attach(void)
{
    bool is_under_trapline = state == STARTING || state == RUNNING;
    if (!is_under_trapline || channel_is_borrowed() || atomic_exchange(&has_asked, true))
        return;
    uint64_t before = kernel_signals_block(0);
    ask_bridge();
    if (state == RUNNING)
        start_patching();
    kernel_signals_restore(before);
}

bool agent_start_for(const char *path)
{
    static const char devices[] = "/dev/";
    bool may_attach = is_constructed || (path != NULL && strncmp(path, devices, sizeof devices - 1) == 0);
    return may_attach ? agent_start() : state == RUNNING;
}

/* Before all other constructors (-z initfirst), so that what they do is ours already. */
__attribute__((constructor)) static void start(int count, char **arguments, char **environment)
{
    first_begin(count, arguments, environment);
    is_constructed = true;
    agent_start();
}
