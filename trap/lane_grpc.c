/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_grpc.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>

#include "bridge_address.h"
#include "http2.h"
#include "raw_syscall.h"
#include "signal_safe.h"
#include "version.h"
#include "wire.h"

#define PROTOCOL_VERSION 1

/* Out of the way of hosts that count descriptors, and of select(). */
#define LOWEST_DESCRIPTOR 900

static struct bridge_address bridge;
static char token_text[256];
static int descriptor = -1;
static uint64_t descriptor_inode;
static int32_t stream;
static const char *own_failure;
static trapline_v1_AttachReply attach_reply;

bool lane_grpc_init(const char *address, const char *token, unsigned silence_limit_s)
{
    size_t length = strlen(token);
    if (length >= sizeof token_text || !bridge_address_parse(address, &bridge) || !http2_init(silence_limit_s))
        return false;
    memcpy(token_text, token, length + 1);
    return true;
}

static uint64_t inode_of(int fd)
{
    struct stat status;
    return raw_syscall(SYS_fstat, fd, &status) < 0 ? 0 : status.st_ino;
}

/* In a forked child the descriptor is the parent's connection, unless the host has closed it and opened something else there. */
static void drop_inherited(void)
{
    if (descriptor >= 0 && inode_of(descriptor) == descriptor_inode)
        raw_syscall(SYS_close, descriptor);
    descriptor = -1;
}

static bool connect_bridge(void)
{
    int one = 1;
    long made = raw_syscall(SYS_socket, bridge.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) {
        own_failure = "no socket can be made: the host has used up its file descriptors";
        return false;
    }
    long moved = raw_syscall(SYS_fcntl, made, F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR);
    if (moved >= 0) {
        raw_syscall(SYS_close, made);
        made = moved;
    }
    if (raw_syscall(SYS_connect, made, &bridge.address, bridge.length) < 0) {
        raw_syscall(SYS_close, made);
        own_failure = "no bridge answers at the address in TRAPLINE_BRIDGE; start programs with 'trapline run'";
        return false;
    }
    if (bridge.address.ss_family != AF_UNIX)
        raw_syscall(SYS_setsockopt, made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    descriptor = (int)made;
    descriptor_inode = inode_of(descriptor);
    return true;
}

static void describe_self(trapline_v1_AttachRequest *request)
{
    memset(request, 0, sizeof *request);
    request->protocol_version = PROTOCOL_VERSION;
    memcpy(request->agent_version, TRAPLINE_VERSION, sizeof TRAPLINE_VERSION);
    request->pid = (int32_t)raw_syscall(SYS_getpid);
    memcpy(request->token, token_text, sizeof token_text);
    raw_syscall(SYS_readlink, "/proc/self/exe", request->exe, sizeof request->exe - 1);
}

/* What the rest of the agent relies on; agent.proto has the words for it. */
static bool is_possible(const trapline_v1_Device *device)
{
    uint32_t width = device->width_bytes;
    return device->path[0] == '/' && device->size > 0 && device->base <= UINT64_MAX - (device->size - 1) && width <= 8 &&
           (width & (width - 1)) == 0;
}

static bool are_devices_possible(void)
{
    for (pb_size_t i = 0; i < attach_reply.devices_count; i++)
        if (!is_possible(&attach_reply.devices[i]))
            return false;
    return true;
}

static bool attach(void)
{
    static trapline_v1_AttachRequest request;
    static uint8_t frame[WIRE_HEADER + trapline_v1_Access_size];
    size_t length;
    describe_self(&request);
    size_t framed = wire_encode(trapline_v1_AttachRequest_fields, &request, frame, sizeof frame);
    int32_t call = http2_call("/trapline.v1.AgentService/Attach", 0);
    if (call < 0 || !http2_send(call, frame, framed, true))
        return false;
    const uint8_t *message = http2_receive(call, &length);
    if (message == NULL)
        return false;
    if (wire_decode(trapline_v1_AttachReply_fields, message, length, &attach_reply) && are_devices_possible())
        return true;
    own_failure = "the bridge's answer to Attach can't be read; agent and bridge are of different versions";
    return false;
}

static bool start(void)
{
    own_failure = NULL;
    drop_inherited();
    if (!connect_bridge() || !http2_start(descriptor) || !attach())
        return false;
    stream = http2_call("/trapline.v1.AgentService/Transact", attach_reply.session);
    /* Opened now, not by the first access: by the end of the call the bridge knows that we are gone. */
    return stream >= 0 && http2_send(stream, NULL, 0, false);
}

static bool transact(const trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    static uint8_t frame[WIRE_HEADER + trapline_v1_Access_size];
    size_t length;
    size_t framed = wire_encode(trapline_v1_Access_fields, access, frame, sizeof frame);
    if (framed == 0 || !http2_send(stream, frame, framed, false))
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

const struct channel_lane lane_grpc = {start, transact, failure};

const trapline_v1_AttachReply *lane_grpc_attach_reply(void)
{
    return &attach_reply;
}

int lane_grpc_descriptor(void)
{
    return descriptor;
}
