/* SPDX-License-Identifier: Apache-2.0 */
#include "agent.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "clock.h"
#include "device.h"
#include "execute.h"
#include "interpose/exec.h"
#include "interpose/signal.h"
#include "lane_grpc.h"
#include "node.h"
#include "path.h"
#include "registers.h"
#include "report.h"
#include "signals.h"
#include "window.h"

static enum { UNKNOWN, STARTING, OFF, RUNNING } state;

static int node_for(const trapline_v1_Device *device)
{
    switch (device->kind) {
    case trapline_v1_DeviceKind_DEVICE_KIND_UIO:
        return node_make(device->path, NODE_UIO, device->socket);
    case trapline_v1_DeviceKind_DEVICE_KIND_DMA_BUFFER:
        return node_make(device->path, NODE_MEMORY, device->backing);
    default:
        return node_make(device->path, NODE_TRAPPED, "");
    }
}

static void take_device(const trapline_v1_Device *from)
{
    struct device device = {.handle = from->handle,
                            .node = node_for(from),
                            .base = from->base,
                            .size = from->size,
                            .width = from->width_bytes == 0 ? 4 : from->width_bytes,
                            .burst = from->burst_bytes < DEVICE_BURST_BOUNDARY ? from->burst_bytes : DEVICE_BURST_BOUNDARY,
                            .has_end = from->kind == trapline_v1_DeviceKind_DEVICE_KIND_CHAR,
                            .has_interrupt = from->has_interrupt,
                            .on_error = (enum device_error_policy)from->on_error};
    memcpy(device.name, from->name, sizeof device.name);
    if (from->kind == trapline_v1_DeviceKind_DEVICE_KIND_RESERVED)
        memcpy(device.memory, from->backing, sizeof device.memory);
    if (device.node == NODE_NONE)
        report_fatal("no file can be made for %s in the directory that TRAPLINE_RUN_DIR names", from->path);
    device_add(&device);
}

static void take_devices(const trapline_v1_AttachReply *reply, const char *run_directory)
{
    node_reset(run_directory);
    path_init(run_directory);
    device_reset();
    for (pb_size_t i = 0; i < reply->devices_count; i++)
        take_device(&reply->devices[i]);
}

/* Its signal frames neither hold the vector registers nor bring them back. */
static void refuse_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");
    if (preload != NULL && strstr(preload, "/vgpreload_") != NULL)
        report_fatal("valgrind hides the vector registers from signal handlers, so accesses would go wrong under it; "
                     "build the program with -fsanitize=address instead");
}

static void attach(const char *bridge, const char *token, const char *run_directory)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    if (run_directory == NULL)
        report_fatal("TRAPLINE_BRIDGE is set but TRAPLINE_RUN_DIR is not; start programs with 'trapline run'");
    if (!lane_grpc_init(bridge, token == NULL ? "" : token))
        report_fatal("TRAPLINE_BRIDGE is '%s', which is neither unix:/path nor a host:port that can be resolved", bridge);
    refuse_valgrind();
    registers_init();
    if (!execute_init() || !channel_init(&lane_grpc))
        report_fatal("no memory can be mapped for the agent");
    if (!channel_open())
        report_fatal("%s", lane_grpc.failure());
    take_devices(reply, run_directory);
    clock_init(reply->clock_socket, reply->virtual_time, reply->epoch_ns);
    node_look_for_open();
    signal_inherit_mask();
    if (getenv("TRAPLINE_GDB") != NULL)
        signals_mark_crashes();
    exec_remember_environment();
    pthread_atfork(window_before_fork, window_after_fork, window_after_fork);
}

bool agent_start(void)
{
    if (state == UNKNOWN) {
        const char *bridge = getenv("TRAPLINE_BRIDGE");
        state = STARTING;
        if (bridge != NULL)
            attach(bridge, getenv("TRAPLINE_TOKEN"), getenv("TRAPLINE_RUN_DIR"));
        state = bridge != NULL ? RUNNING : OFF;
    }
    return state == RUNNING;
}

__attribute__((constructor)) static void start(void)
{
    agent_start();
}
