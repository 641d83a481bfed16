// SPDX-License-Identifier: Apache-2.0

#include "link.h"

#include <pb_decode.h>
#include <pb_encode.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "stop.h"

namespace {

uint32_t get_length(const uint8_t *bytes)
{
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

void put_length(uint8_t *bytes, uint32_t length)
{
    for (int i = 0; i < 4; ++i)
        bytes[i] = static_cast<uint8_t>(length >> (8 * i));
}

// What pb_decode would do, but for the data and frames of an access, which nobody reads beyond their size and count. A
// message of another kind clears its own part of the union.
void clear(trapline_v1_ModelRequest &request)
{
    request.id = 0;
    request.which_body = trapline_v1_ModelRequest_access_tag;
    request.body.access.session = 0;
    request.body.access.has_access = false;
    auto &access = request.body.access.access;
    auto *at = reinterpret_cast<uint8_t *>(&access);
    const auto clear_until = [&at](const void *end) { std::memset(at, 0, static_cast<const uint8_t *>(end) - at); };
    const auto leave = [&at](const auto &array) { at += sizeof array; };
    clear_until(access.data.bytes);
    leave(access.data.bytes);
    clear_until(access.frames);
    leave(access.frames);
    clear_until(&access + 1);
}

} // namespace

Link::Link(int fd) : fd_(fd)
{
    check_socket();
}

void Link::adopt(int fd)
{
    close(fd_);
    fd_ = fd;
    ended_ = false;
    begin_ = end_ = 0;
    deferred_.clear();
    queued_idly_.clear();
    queued_first_.clear();
    queued_.clear();
    check_socket();
}

void Link::check_socket() const
{
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd_, SOL_SOCKET, SO_TYPE, &type, &length) != 0) {
        throw std::runtime_error("--link-fd " + std::to_string(fd_) + " is not a socket: " + std::strerror(errno));
    }
}

Link::Received Link::receive(Wait wait)
{
    if (ended_ || stop_requested())
        return Received::kEnd;
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    // A recv that waits is woken a second time when the bridge merely takes what was sent (unix_write_space).
    if (wait != Wait::kNot) {
        pollfd readable{fd_, POLLIN, 0};
        poll(&readable, 1, wait == Wait::kForEver ? -1 : static_cast<int>(kWhile.count()));
    }
    const ssize_t count = recv(fd_, buffer_.data() + end_, buffer_.size() - end_, MSG_DONTWAIT);
    if (stop_requested())
        return Received::kEnd;
    if (count > 0) {
        end_ += static_cast<size_t>(count);
        return Received::kBytes;
    }
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return Received::kNothing;
    ended_ = true;
    return Received::kEnd;
}

bool Link::has_message() const
{
    const size_t received = end_ - begin_;
    return !deferred_.empty() ||
           (received >= kLengthBytes && received - kLengthBytes >= get_length(buffer_.data() + begin_));
}

bool Link::take(trapline_v1_ModelRequest &request)
{
    if (deferred_.empty())
        return take_new(request);
    request = deferred_.front();
    deferred_.pop_front();
    return true;
}

bool Link::take_new(trapline_v1_ModelRequest &request)
{
    if (end_ - begin_ < kLengthBytes)
        return false;
    const size_t length = get_length(buffer_.data() + begin_);
    if (length > kMaxMessageBytes) {
        throw std::runtime_error("the link carried a message of " + std::to_string(length) +
                                 " bytes; 65536 is the limit");
    }
    if (end_ - begin_ < kLengthBytes + length)
        return false;
    pb_istream_t stream = pb_istream_from_buffer(buffer_.data() + begin_ + kLengthBytes, length);
    clear(request);
    if (!pb_decode_ex(&stream, trapline_v1_ModelRequest_fields, &request, PB_DECODE_NOINIT)) {
        throw std::runtime_error("the link carried a message that is not a ModelRequest: " +
                                 std::string(PB_GET_ERROR(&stream)));
    }
    begin_ += kLengthBytes + length;
    return true;
}

void Link::encode(const trapline_v1_ModelReply &reply, std::vector<uint8_t> &target)
{
    std::array<uint8_t, kLengthBytes + trapline_v1_ModelReply_size> message;
    pb_ostream_t stream = pb_ostream_from_buffer(message.data() + kLengthBytes, message.size() - kLengthBytes);
    if (!pb_encode(&stream, trapline_v1_ModelReply_fields, &reply)) {
        throw std::runtime_error("a reply can't be encoded: " + std::string(PB_GET_ERROR(&stream)));
    }
    put_length(message.data(), static_cast<uint32_t>(stream.bytes_written));
    target.insert(target.end(), message.begin(), message.begin() + kLengthBytes + stream.bytes_written);
}

bool Link::flush()
{
    const bool is_due = !queued_first_.empty() || !queued_.empty();
    if (has_queued())
        flush_all();
    return is_due;
}

void Link::flush_all()
{
    queued_idly_.insert(queued_idly_.end(), queued_first_.begin(), queued_first_.end());
    queued_idly_.insert(queued_idly_.end(), queued_.begin(), queued_.end());
    if (!queued_idly_.empty())
        write(queued_idly_);
    queued_idly_.clear();
    queued_first_.clear();
    queued_.clear();
}

void Link::send_now(const trapline_v1_ModelReply &reply)
{
    std::vector<uint8_t> message;
    encode(reply, message);
    write(message);
}

void Link::leave()
{
    shutdown(fd_, SHUT_WR);
    do {
        begin_ = end_;
    } while (receive(Wait::kForWhile) != Received::kEnd);
}

void Link::write(const std::vector<uint8_t> &bytes)
{
    for (size_t sent = 0; sent < bytes.size() && !ended_;) {
        const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count > 0)
            sent += static_cast<size_t>(count);
        // A peer that doesn't read must not keep a stop waiting.
        else if (errno != EINTR || stop_requested())
            ended_ = true;
    }
}
