// SPDX-License-Identifier: Apache-2.0
#include "traffic.h"

#include <pb_encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trapline/v1/agent.pb.h"
#include "trapline/v1/bus.pb.h"
#include "trapline/v1/notice.pb.h"

enum { WIDTH = 8, LARGEST_FRAME = 16384, END_STREAM = 1, END_HEADERS = 4, ACK = 1, FRAME_HEADER = 9, PREFIX = 5 };

unsigned traffic_width(void)
{
    return WIDTH;
}

void traffic_add_frame(struct script *script, unsigned type, unsigned flags, uint32_t stream, const void *payload,
                       size_t count, size_t length)
{
    const uint8_t header[FRAME_HEADER] = {(uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length,
                                          (uint8_t)type,           (uint8_t)flags,         (uint8_t)(stream >> 24),
                                          (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    chunk_append(script_add(script, header, sizeof header), payload, count);
}

// A field that is not indexed and has a new name (RFC 7541, 6.2.2); both texts are shorter than 127 bytes.
static void add_field(struct chunk *block, const char *name, const char *value)
{
    uint8_t lengths[] = {0, (uint8_t)strlen(name), (uint8_t)strlen(value)};
    chunk_append(block, lengths, 2);
    chunk_append(block, name, lengths[1]);
    chunk_append(block, lengths + 2, 1);
    chunk_append(block, value, lengths[2]);
}

static void add_headers(struct script *script, uint32_t stream)
{
    static struct chunk block;
    block.length = 0;
    chunk_append(&block, "\x88", 1); // :status 200 (RFC 7541, Appendix A)
    add_field(&block, "content-type", "application/grpc");
    traffic_add_frame(script, FRAME_HEADERS, END_HEADERS, stream, block.bytes, block.length, block.length);
}

static void add_trailers(struct script *script, uint32_t stream, const char *status, const char *message)
{
    static struct chunk block;
    block.length = 0;
    add_field(&block, "grpc-status", status);
    add_field(&block, "grpc-message", message);
    traffic_add_frame(script, FRAME_HEADERS, END_HEADERS | END_STREAM, stream, block.bytes, block.length, block.length);
}

static void encode(struct chunk *message, const pb_msgdesc_t *fields, const void *value)
{
    pb_ostream_t stream = pb_ostream_from_buffer(message->bytes, sizeof message->bytes);
    if (!pb_encode(&stream, fields, value)) {
        fprintf(stderr, "fuzz-agent: %s\n", PB_GET_ERROR(&stream));
        exit(2);
    }
    message->length = stream.bytes_written;
}

// An unknown field that takes a message near the limit of 64 KiB, or over it.
static void inflate(struct chunk *message, struct random *random)
{
    static const uint8_t zeros[2 * CHUNK_BYTES];
    uint32_t count = (uint32_t)(65536 - 300 + random_below(random, 400));
    const uint8_t field[] = {0xa2, 0x06, (uint8_t)(count | 0x80), (uint8_t)(count >> 7 | 0x80), (uint8_t)(count >> 14)};
    chunk_append(message, field, sizeof field);
    chunk_append(message, zeros, count);
}

static void put_prefix(struct chunk *framed, size_t length)
{
    const uint8_t prefix[PREFIX] = {0, (uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                                    (uint8_t)length};
    framed->length = 0;
    chunk_append(framed, prefix, sizeof prefix);
}

// In frames that are no larger.
static void add_frames(struct script *script, uint32_t stream, const struct chunk *framed, size_t largest)
{
    for (size_t at = 0; at < framed->length; at += largest) {
        size_t count = framed->length - at < largest ? framed->length - at : largest;
        traffic_add_frame(script, FRAME_DATA, 0, stream, framed->bytes + at, count, count);
    }
}

static void add_message(struct script *script, uint32_t stream, struct chunk *message, const struct spoiler *spoiler)
{
    static struct chunk framed;
    if (spoiler->messages)
        chunk_spoil(message, spoiler->random);
    if (spoiler->sizes)
        inflate(message, spoiler->random);
    put_prefix(&framed, message->length);
    if (spoiler->framing)
        chunk_spoil(&framed, spoiler->random);
    chunk_append(&framed, message->bytes, message->length);
    if (spoiler->sizes)
        chunk_append(&framed, message->bytes, random_below(spoiler->random, message->length));
    // Frames that end at other places than the agent's buffer does: the last one may hold the end of a message and a
    // tail.
    size_t less = spoiler->sizes ? random_below(spoiler->random, LARGEST_FRAME / 4) : 0;
    add_frames(script, stream, &framed, LARGEST_FRAME - less);
}

static void describe_device(trapline_v1_Device *device, unsigned number)
{
    device->handle = number + 1;
    device->kind = (trapline_v1_DeviceKind)(1 + number % 5);
    device->base = UINT64_C(0x1000) * number;
    device->size = 0x1000;
    device->on_error = trapline_v1_ErrorPolicy_ERROR_POLICY_SIGBUS;
    device->width_bytes = 4;
    snprintf(device->name, sizeof device->name, "device%u", number);
    memset(device->path, '/', sizeof device->path - 1);
    memset(device->backing, 'b', number % sizeof device->backing);
}

typedef void describer(trapline_v1_Device *device, unsigned number);

static const trapline_v1_AttachReply *compose_reply(unsigned devices, describer *describe)
{
    static trapline_v1_AttachReply reply;
    memset(&reply, 0, sizeof reply);
    reply.session = 7;
    reply.devices_count = (pb_size_t)devices;
    for (unsigned i = 0; i < devices; i++)
        describe(&reply.devices[i], i);
    return &reply;
}

static void add_attach_reply(struct script *script, const struct spoiler *spoiler)
{
    static struct chunk message;
    unsigned devices = (unsigned)random_below(spoiler->random, 65);
    encode(&message, trapline_v1_AttachReply_fields, compose_reply(devices, describe_device));
    add_message(script, ATTACH_STREAM, &message, spoiler);
}

static void add_completion(struct script *script, uint64_t seq, const struct spoiler *spoiler)
{
    static trapline_v1_Completion completion;
    static struct chunk message;
    memset(&completion, 0, sizeof completion);
    completion.seq = seq;
    completion.status = trapline_v1_Status_STATUS_OKAY;
    completion.data.size = WIDTH;
    completion.time_ps = 1000 * seq;
    memset(completion.data.bytes, 0x5a, WIDTH);
    encode(&message, trapline_v1_Completion_fields, &completion);
    add_message(script, TRANSACT_STREAM, &message, spoiler);
}

void traffic_add_all(struct script *script, const struct spoiler *spoiler)
{
    traffic_add_frame(script, FRAME_SETTINGS, 0, 0, NULL, 0, 0);
    traffic_add_frame(script, FRAME_SETTINGS, ACK, 0, NULL, 0, 0);
    add_headers(script, ATTACH_STREAM);
    add_attach_reply(script, spoiler);
    add_trailers(script, ATTACH_STREAM, "0", "");
    add_headers(script, TRANSACT_STREAM);
    for (uint64_t seq = 1; seq <= ACCESSES; seq++)
        add_completion(script, seq, spoiler);
    add_trailers(script, TRANSACT_STREAM, "9", "the session %27%41%ff%zz%0a%4 ended");
}

void traffic_add_clock_reply(struct script *script, const struct spoiler *spoiler)
{
    static struct chunk message;
    trapline_v1_ClockReply reply = {.time_ps = 12345678, .interrupted = true};
    encode(&message, trapline_v1_ClockReply_fields, &reply);
    if (spoiler->messages)
        chunk_spoil(&message, spoiler->random);
    uint32_t length = (uint32_t)message.length;
    struct chunk *chunk = script_add(script, &length, sizeof length);
    if (spoiler->framing)
        chunk_spoil(chunk, spoiler->random);
    chunk_append(chunk, message.bytes, message.length);
}

// ---- what can be read, field by field

// As a bridge describes them: a device of each kind, with what that kind needs.
static void describe_soundly(trapline_v1_Device *device, unsigned number)
{
    unsigned kinds = _trapline_v1_DeviceKind_ARRAYSIZE - 1;
    describe_device(device, number);
    device->kind = (trapline_v1_DeviceKind)(1 + number % kinds);
    bool is_in_memory = device->kind == trapline_v1_DeviceKind_DEVICE_KIND_MEM ||
                        device->kind == trapline_v1_DeviceKind_DEVICE_KIND_RESERVED;
    bool is_port = device->kind == trapline_v1_DeviceKind_DEVICE_KIND_PORT;
    snprintf(device->path, sizeof device->path,
             is_in_memory ? "/dev/mem"
             : is_port    ? "/dev/port"
                          : "/dev/device%u",
             number);
    device->base = is_in_memory ? UINT64_C(0x1000) * number : 0;
    snprintf(device->socket, sizeof device->socket, "socket%u", number);
    snprintf(device->backing, sizeof device->backing, "%u.memory", number);
    device->has_interrupt = device->is_readable = device->is_writable = true;
    device->unit_bytes = 1;
    device->burst_bytes = number % 3 == 0 ? 4096 : 0;
}

static void add_drawn(struct script *script, uint32_t stream, const pb_msgdesc_t *fields, const void *message,
                      const struct draw *draw)
{
    static struct chunk body, framed;
    body.length = 0;
    draw_message(&body, fields, message, draw);
    bool is_short = draw->one_in != 0 && random_below(draw->random, 64 * draw->one_in) == 0;
    put_prefix(&framed, is_short ? draw_number(draw->random, body.length) : body.length);
    chunk_append(&framed, body.bytes, body.length);
    add_frames(script, stream, &framed, LARGEST_FRAME);
}

void traffic_add_start(struct script *script, const struct draw *draw)
{
    unsigned devices = (unsigned)(1 + random_below(draw->random, random_below(draw->random, 8) == 0 ? 64 : 8));
    trapline_v1_AttachReply reply = *compose_reply(devices, describe_soundly);
    snprintf(reply.clock_socket, sizeof reply.clock_socket, "clock");
    reply.virtual_time = random_below(draw->random, 2);
    traffic_add_frame(script, FRAME_SETTINGS, 0, 0, NULL, 0, 0);
    traffic_add_frame(script, FRAME_SETTINGS, ACK, 0, NULL, 0, 0);
    add_headers(script, ATTACH_STREAM);
    add_drawn(script, ATTACH_STREAM, trapline_v1_AttachReply_fields, &reply, draw);
    add_trailers(script, ATTACH_STREAM, "0", "");
    add_headers(script, TRANSACT_STREAM);
}

void traffic_add_answer(struct script *script, const trapline_v1_Access *access, const struct draw *draw)
{
    static trapline_v1_Completion completion;
    bool is_read = access->operation == trapline_v1_Operation_OPERATION_READ;
    memset(&completion, 0, sizeof completion);
    completion.seq = access->seq;
    completion.status = trapline_v1_Status_STATUS_OKAY;
    completion.data.size = (pb_size_t)(is_read ? access->width_bytes : 0);
    completion.taken_bytes = is_read ? 0 : access->width_bytes;
    completion.packet_end = is_read;
    completion.time_ps = 1000 * access->seq;
    add_drawn(script, TRANSACT_STREAM, trapline_v1_Completion_fields, &completion, draw);
}

void traffic_add_end(struct script *script, const struct draw *draw)
{
    static const char *const messages[] = {"", "the session ended", "%1b[2J%0a%7f", "%s%n%x%25s", "%", "%zz%4"};
    static const char *const states[] = {"0", "9", "13", "-1", "99999999999", "x"};
    add_trailers(script, TRANSACT_STREAM, states[random_below(draw->random, 6)],
                 messages[random_below(draw->random, 6)]);
}

void traffic_append_clock_reply(struct chunk *to, const struct draw *draw)
{
    static struct chunk message;
    const trapline_v1_ClockReply reply = {.time_ps = 12345678, .interrupted = true, .passed_ps = 1000};
    message.length = 0;
    draw_message(&message, trapline_v1_ClockReply_fields, &reply, draw);
    bool is_wrong = draw->one_in != 0 && random_below(draw->random, 16 * draw->one_in) == 0;
    uint32_t length = (uint32_t)(is_wrong ? draw_number(draw->random, message.length) : message.length);
    chunk_append(to, &length, sizeof length);
    chunk_append(to, message.bytes, message.length);
}
