// SPDX-License-Identifier: Apache-2.0
//
// The link to the bridge: framing and encoding of proto/trapline/v1/model.proto on a stream socket. What the
// messages mean is the server's business.
//
// Nothing that an edge brings forth leaves in the middle of it: replies are queued, and go out with flush() when all
// that belongs to the edge has happened. Else a host would run on while the same edge still reads the memory that it
// writes.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "trapline/v1/model.pb.h"

class Link {
public:
    // How long receive(Wait::kForWhile) waits.
    static constexpr std::chrono::milliseconds kWhile{100};

    enum class Wait {
        kNot,
        kForWhile,
        kForEver,
    };
    enum class Received {
        kBytes,
        kNothing, // none had come in time
        kEnd,     // the bridge has closed the link, or a stop was requested
    };

    // Takes the connected socket as it is; does not close it. Throws std::runtime_error if it isn't a socket.
    explicit Link(int fd);

    // Goes on with another socket; what the old one had brought is dropped. Closes the old one.
    void adopt(int fd);

    int fd() const { return fd_; }

    // Puts what has come into the buffer.
    Received receive(Wait wait);

    // Takes the next whole message, those that were deferred first; false if there is none. Throws std::runtime_error
    // on a message that is too long or not a ModelRequest.
    bool take(trapline_v1_ModelRequest &request);
    bool take_new(trapline_v1_ModelRequest &request);

    // Gives back a message that is of no use yet.
    void defer(const trapline_v1_ModelRequest &request) { deferred_.push_back(request); }
    // Whether take() would find one, of those that were deferred or of what has been received.
    bool has_message() const;

    // Says it with the next flush(), behind what is queued already.
    void queue(const trapline_v1_ModelReply &reply) { encode(reply, queued_); }
    // Before what is queued: an interrupt is known before the completion of its edge lets a host look at it.
    void queue_first(const trapline_v1_ModelReply &reply) { encode(reply, queued_first_); }
    // What can wait, and goes before everything that is queued from now on.
    void queue_idly(const trapline_v1_ModelReply &reply) { encode(reply, queued_idly_); }
    // Sends what is queued: one send; of what can wait alone only much. Returns whether there was something that could
    // not wait. After the end of the link it does nothing.
    bool flush();
    // Whether flush() has something to send.
    bool has_queued() const
    {
        return !queued_first_.empty() || !queued_.empty() || queued_idly_.size() > kMostIdleBytes;
    }
    // Sends what can wait, too.
    void flush_all();

    // Sends past what is queued, for what the edge under way itself waits for.
    void send_now(const trapline_v1_ModelReply &reply);

    // Says that nothing follows, and waits until the bridge has heard it: it closes the link then, or a stop is
    // requested. What it still asks is dropped. A process that just ended would break the bridge's writes, and with
    // them its end of the link, last words unread.
    void leave();

private:
    static constexpr size_t kLengthBytes = 4;
    static constexpr size_t kMaxMessageBytes = 65536;
    static constexpr size_t kMostIdleBytes = 32768;

    static void encode(const trapline_v1_ModelReply &reply, std::vector<uint8_t> &target);
    void write(const std::vector<uint8_t> &bytes);
    void check_socket() const;

    int fd_;
    bool ended_ = false;
    std::array<uint8_t, 2 * (kMaxMessageBytes + kLengthBytes)> buffer_;
    size_t begin_ = 0; // received, not yet taken: [begin_, end_)
    size_t end_ = 0;
    std::deque<trapline_v1_ModelRequest> deferred_;
    std::vector<uint8_t> queued_idly_, queued_first_, queued_; // encoded
};
