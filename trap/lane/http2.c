/* SPDX-License-Identifier: Apache-2.0 */
#include "http2.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

#include "arena.h"
#include "lane_socket.h"
#include "wire.h"
#include "ground/signal_safe.h"

/* One call is active at a time: Attach until it is answered, then Transact. */
struct call {
    int32_t stream;
    bool ended;
    const uint8_t *out; /* frame being sent */
    size_t out_left;
    bool out_last;
    uint8_t in[WIRE_HEADER + HTTP2_MESSAGE_MAX];
    size_t in_length;
    size_t in_consumed; /* length of the message handed out last, header included */
};

/* Made once, for the first session. */
static nghttp2_session_callbacks *callbacks;
static nghttp2_session *session;
static struct call call;
static unsigned silence_limit_s; /* 0: none */
static char failure[512];

static void fail(const char *why, size_t length)
{
    if (length >= sizeof failure)
        length = sizeof failure - 1;
    memcpy(failure, why, length);
    failure[length] = 0;
}

static void fail_text(const char *why)
{
    fail(why, strlen(why));
}

static void *take(size_t size, void *user)
{
    (void)user;
    return arena_take(size);
}

static void *take_cleared(size_t count, size_t size, void *user)
{
    (void)user;
    void *block = arena_take(count * size);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

static void *resize(void *block, size_t size, void *user)
{
    (void)user;
    return arena_resize(block, size);
}

static void give_back(void *block, void *user)
{
    (void)user;
    arena_return(block);
}

static int on_data(nghttp2_session *from, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t count, void *user)
{
    (void)from, (void)flags, (void)user;
    if (stream != call.stream)
        return 0;
    if (count > sizeof call.in - call.in_length) {
        fail_text("the bridge sent a message that is larger than 64 KiB");
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    memcpy(call.in + call.in_length, bytes, count);
    call.in_length += count;
    return 0;
}

static bool is(const uint8_t *name, size_t length, const char *expected)
{
    return length == strlen(expected) && memcmp(name, expected, length) == 0;
}

static unsigned hex_digit(uint8_t c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* grpc-message is percent-encoded (gRPC over HTTP/2, "Responses"). What controls a terminal is none of the bridge's
 * words. */
static void fail_encoded(const uint8_t *text, size_t length)
{
    char decoded[sizeof failure];
    size_t count = 0;
    for (size_t i = 0; i < length && count < sizeof decoded; i++) {
        bool escaped = text[i] == '%' && i + 2 < length;
        uint8_t byte = (uint8_t)(escaped ? hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]) : text[i]);
        decoded[count++] = (char)(byte < ' ' || byte == 0x7f ? ' ' : byte);
        i += escaped ? 2 : 0;
    }
    if (count > 0)
        fail(decoded, count);
}

static int on_header(nghttp2_session *from, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                     const uint8_t *value, size_t value_length, uint8_t flags, void *user)
{
    (void)from, (void)flags, (void)user;
    if (frame->hd.stream_id == call.stream && is(name, name_length, "grpc-message"))
        fail_encoded(value, value_length);
    return 0;
}

static int on_stream_close(nghttp2_session *from, int32_t stream, uint32_t code, void *user)
{
    (void)from, (void)code, (void)user;
    if (stream == call.stream)
        call.ended = true;
    return 0;
}

static ssize_t read_outgoing(nghttp2_session *from, int32_t stream, uint8_t *buffer, size_t size, uint32_t *flags,
                             nghttp2_data_source *source, void *user)
{
    (void)from, (void)stream, (void)source, (void)user;
    size_t count = call.out_left < size ? call.out_left : size;
    if (count == 0 && !call.out_last)
        return NGHTTP2_ERR_DEFERRED;
    memcpy(buffer, call.out, count);
    call.out += count;
    call.out_left -= count;
    if (call.out_left == 0 && call.out_last)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)count;
}

/* Writes all that nghttp2 has to say. */
static bool flush(void)
{
    for (;;) {
        const uint8_t *bytes;
        ssize_t count = nghttp2_session_mem_send(session, &bytes);
        if (count == 0)
            return true;
        if (count < 0) {
            fail_text(nghttp2_strerror((int)count));
            return false;
        }
        if (!lane_socket_send(bytes, (size_t)count)) {
            fail_text(lane_socket_problem());
            return false;
        }
    }
}

/* Each second without a word asks for one (RFC 9113, 6.7): a model may need hours, but a bridge that is there
 * answers. */
static bool wait_on(unsigned silent_s)
{
    if (silent_s < silence_limit_s)
        return nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, NULL) == 0 && flush();
    fail_text(
        "the bridge has said nothing for as long as TRAPLINE_SILENCE_LIMIT allows; look whether it was stopped, and "
        "whether the network to it works");
    return false;
}

/* Reads once from the socket and lets nghttp2 work on it. */
static bool feed(void)
{
    static uint8_t buffer[16 * 1024];
    unsigned silent_s = 0;
    long count;
    do
        count = lane_socket_receive(buffer, sizeof buffer);
    while (count == -EAGAIN && wait_on(++silent_s));
    if (count == 0)
        fail_text(lane_socket_problem());
    if (count <= 0)
        return false;
    ssize_t used = nghttp2_session_mem_recv(session, buffer, (size_t)count);
    if (used < 0 && used != NGHTTP2_ERR_CALLBACK_FAILURE)
        fail_text(nghttp2_strerror((int)used));
    return used == count && flush();
}

void http2_init(unsigned limit_s)
{
    silence_limit_s = limit_s;
}

/* What nghttp2 calls instead of libc's (Makefile), for its callbacks alone: all else has the arena. */
void *http2_calloc(size_t count, size_t size);
void *http2_calloc(size_t count, size_t size)
{
    static _Alignas(16) uint8_t room[512];
    static bool is_taken;
    if (is_taken || count * size > sizeof room)
        return NULL;
    is_taken = true;
    return room;
}

static bool make_callbacks(void)
{
    if (callbacks != NULL)
        return true;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return false;
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    return true;
}

bool http2_start(void)
{
    static nghttp2_mem memory = {NULL, take, give_back, take_cleared, resize};
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, HTTP2_MESSAGE_MAX},
    };
    arena_reset();
    memset(&call, 0, offsetof(struct call, in));
    call.in_length = call.in_consumed = 0;
    if (silence_limit_s != 0)
        lane_socket_limit_silence(1);
    fail_text("the bridge ended the call without a reason");
    return make_callbacks() && nghttp2_session_client_new3(&session, callbacks, NULL, NULL, &memory) == 0 &&
           nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 2) == 0;
}

static nghttp2_nv header(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NO_COPY_NAME};
}

static const char *decimal(uint64_t value, char text[24])
{
    char *at = text + 23;
    *at = 0;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    return at;
}

int32_t http2_call(const char *path, const struct http2_metadata *metadata)
{
    char number[24];
    nghttp2_nv headers[7] = {
        header(":method", "POST"),         header(":scheme", "http"), header(":path", path),
        header(":authority", "localhost"), header("te", "trailers"),  header("content-type", "application/grpc"),
    };
    size_t count = 6;
    if (metadata != NULL)
        headers[count++] = header(metadata->name, decimal(metadata->value, number));
    const nghttp2_data_provider provider = {.read_callback = read_outgoing};
    memset(&call, 0, offsetof(struct call, in));
    call.in_length = call.in_consumed = 0;
    call.stream = nghttp2_submit_request(session, NULL, headers, count, &provider, NULL);
    return call.stream;
}

bool http2_send(int32_t stream, const uint8_t *frame, size_t length, enum http2_rank rank)
{
    call.out = frame;
    call.out_left = length;
    call.out_last = rank == HTTP2_LAST;
    nghttp2_session_resume_data(session, stream);
    while (!call.ended) {
        if (!flush())
            return false;
        if (call.out_left == 0)
            return true;
        if (!feed()) /* the peer's window is full: wait for its update */
            return false;
    }
    return false;
}

/* Moves what follows the message handed out last to the front. */
static void drop_consumed(void)
{
    call.in_length -= call.in_consumed;
    memmove(call.in, call.in + call.in_consumed, call.in_length);
    call.in_consumed = 0;
}

static size_t message_length(void)
{
    return (size_t)call.in[1] << 24 | (size_t)call.in[2] << 16 | (size_t)call.in[3] << 8 | call.in[4];
}

const uint8_t *http2_receive(int32_t stream, size_t *length)
{
    (void)stream;
    drop_consumed();
    for (;;) {
        if (call.in_length >= WIRE_HEADER) {
            size_t expected = message_length();
            if (expected > HTTP2_MESSAGE_MAX || call.in[0] != 0) {
                fail_text("the bridge sent a message that is compressed or larger than 64 KiB");
                return NULL;
            }
            if (call.in_length >= WIRE_HEADER + expected) {
                call.in_consumed = WIRE_HEADER + expected;
                *length = expected;
                return call.in + WIRE_HEADER;
            }
        }
        if (call.ended || !feed())
            return NULL;
    }
}

bool http2_is_answered(void)
{
    return silence_limit_s == 0 || (nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, NULL) == 0 && flush() && feed());
}

const char *http2_failure(void)
{
    return failure;
}
