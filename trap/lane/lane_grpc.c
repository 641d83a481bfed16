/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_grpc.h"

#include <fcntl.h>
#include <string.h>

#include "bridge_address.h"
#include "ground/raw_syscall.h"
#include "ground/version.h"
#include "http2.h"
#include "lane_socket.h"
#include "wire.h"
#include "ground/signal_safe.h"

#define PROTOCOL_VERSION 1

static struct bridge_address bridge;
static char token_text[256];
static int32_t stream;
static const char *own_failure;
static trapline_v1_AttachReply attach_reply;
static char known_pid_namespace[sizeof(((trapline_v1_AttachRequest *)0)->pid_namespace)];

bool lane_grpc_init(const char *address, const char *token, unsigned silence_limit_s)
{
    size_t length = strlen(token);
    if (length >= sizeof token_text || !bridge_address_parse(address, &bridge))
        return false;
    http2_init(silence_limit_s);
    memcpy(token_text, token, length + 1);
    return true;
}

/* The descriptor is the parent's connection in a forked child. */
static bool connect_bridge(void)
{
    lane_socket_drop();
    if (lane_socket_connect(&bridge) == 0)
        return true;
    own_failure = lane_socket_problem();
    return false;
}

/*
 * In which our pid is a process: this machine by its boot, and the number that the kernel gave to the namespace. Where
 * a host has closed /proc to itself, it is what was known before.
 */
static void find_pid_namespace(char *namespace)
{
    enum { BOOT_ID = 36 };
    char found[sizeof known_pid_namespace] = {0};
    memcpy(namespace, known_pid_namespace, sizeof found);
    long file = raw_syscall(SYS_openat, AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    bool is_read = raw_syscall(SYS_read, file, found, BOOT_ID) == BOOT_ID;
    raw_syscall(SYS_close, file);
    found[BOOT_ID] = ' ';
    if (!is_read ||
        raw_syscall(SYS_readlink, "/proc/self/ns/pid", found + BOOT_ID + 1, sizeof found - BOOT_ID - 2) <= 0)
        return;
    memcpy(known_pid_namespace, found, sizeof found);
    memcpy(namespace, found, sizeof found);
}

static void describe_self(trapline_v1_AttachRequest *request)
{
    memset(request, 0, sizeof *request);
    request->protocol_version = PROTOCOL_VERSION;
    memcpy(request->agent_version, TRAPLINE_VERSION, sizeof TRAPLINE_VERSION);
    request->pid = (int32_t)raw_syscall(SYS_getpid);
    memcpy(request->token, token_text, sizeof token_text);
    raw_syscall(SYS_readlink, "/proc/self/exe", request->exe, sizeof request->exe - 1);
    find_pid_namespace(request->pid_namespace);
}

/* What the rest of the agent relies on; agent.proto has the words for it. */
static bool is_possible(const trapline_v1_Device *device)
{
    uint32_t width = device->width_bytes;
    return device->path[0] == '/' && device->size > 0 && device->base <= UINT64_MAX - (device->size - 1) &&
           width <= 8 && (width & (width - 1)) == 0;
}

static bool are_devices_possible(void)
{
    for (pb_size_t i = 0; i < attach_reply.devices_count; i++)
        if (!is_possible(&attach_reply.devices[i]))
            return false;
    return true;
}

bool lane_grpc_know(const uint8_t *reply, size_t length)
{
    return wire_decode(trapline_v1_AttachReply_fields, reply, length, &attach_reply) && are_devices_possible();
}

static bool attach(void)
{
    static trapline_v1_AttachRequest request;
    static uint8_t frame[WIRE_HEADER + trapline_v1_AttachRequest_size];
    size_t length;
    describe_self(&request);
    size_t framed = wire_encode(trapline_v1_AttachRequest_fields, &request, frame, sizeof frame);
    int32_t call = http2_call("/trapline.v1.AgentService/Attach", NULL);
    if (call < 0 || !http2_send(call, frame, framed, HTTP2_LAST))
        return false;
    const uint8_t *message = http2_receive(call, &length);
    if (message == NULL)
        return false;
    if (lane_grpc_know(message, length))
        return true;
    own_failure = "the bridge's answer to Attach can't be read; agent and bridge are of different versions";
    return false;
}

static bool start(void)
{
    own_failure = NULL;
    if (!connect_bridge() || !http2_start() || !attach())
        return false;
    const struct http2_metadata session = {"trapline-session", attach_reply.session};
    stream = http2_call("/trapline.v1.AgentService/Transact", &session);
    /* Opened now, not by the first access: by the end of the call the bridge knows that we are gone. */
    return stream >= 0 && http2_send(stream, NULL, 0, HTTP2_ONE_OF_MANY);
}

static bool post(const trapline_v1_Access *access)
{
    static uint8_t frame[WIRE_HEADER + trapline_v1_Access_size];
    size_t framed = wire_encode(trapline_v1_Access_fields, access, frame, sizeof frame);
    return framed != 0 && http2_send(stream, frame, framed, HTTP2_ONE_OF_MANY);
}

static bool transact(const trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    size_t length;
    if (!post(access))
        return false;
    const uint8_t *message = http2_receive(stream, &length);
    if (message == NULL)
        return false;
    if (wire_decode(trapline_v1_Completion_fields, message, length, completion))
        return true;
    own_failure = "the bridge's answer to an access can't be read";
    return false;
}

static const char *failure(void)
{
    return own_failure != NULL ? own_failure : http2_failure();
}

const struct channel_lane lane_grpc = {start, transact, failure, lane_socket_is_ours, post, NULL, NULL, NULL};

const trapline_v1_AttachReply *lane_grpc_attach_reply(void)
{
    return &attach_reply;
}
