// SPDX-License-Identifier: Apache-2.0

#include "access_log.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <stdexcept>

namespace {

constexpr size_t kBufferBytes = 1 << 16;

uint64_t wall_ns()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

constexpr char kDigits[] = "0123456789abcdef";

// A line as it grows: what a run with a log pays for each access.
class Line {
public:
    explicit Line(std::string &text) : text_(text) { text_.clear(); }

    Line &operator<<(const char *words)
    {
        text_ += words;
        return *this;
    }
    Line &operator<<(const std::string &words)
    {
        text_ += words;
        return *this;
    }
    Line &operator<<(uint64_t number)
    {
        char digits[20];
        char *first = digits + sizeof digits;
        do
            *--first = static_cast<char>('0' + number % 10);
        while (number /= 10);
        text_.append(first, digits + sizeof digits);
        return *this;
    }
    Line &operator<<(uint32_t number) { return *this << uint64_t{number}; }
    Line &operator<<(int32_t number)
    {
        const auto magnitude = static_cast<uint64_t>(std::abs(int64_t{number}));
        return number < 0 ? *this << "-" << magnitude : *this << magnitude;
    }

    // The bytes as one number, most significant byte first.
    template <typename ByteAt>
    Line &bytes(uint32_t count, ByteAt byte_at)
    {
        if (count > 0)
            text_ += "0x";
        for (uint32_t i = count; i-- > 0;) {
            const uint8_t byte = byte_at(i);
            text_ += kDigits[byte >> 4];
            text_ += kDigits[byte & 15];
        }
        return *this;
    }

private:
    std::string &text_;
};

// Which of its bytes a masked access moves.
std::string enables_in_json(const Job &job)
{
    const uint64_t all = job.width_bytes >= 64 ? ~uint64_t{0} : (uint64_t{1} << job.width_bytes) - 1;
    if (job.byte_enables == 0 || (job.byte_enables & all) == all)
        return "";
    return ",\"byteEnables\":\"" + to_hex(job.byte_enables & all) + "\"";
}

} // namespace

AccessLog::AccessLog(const std::string &path)
{
    const std::string failure = reopen(path);
    if (!failure.empty())
        throw std::runtime_error(failure);
}

std::string AccessLog::reopen(const std::string &path)
{
    path_ = path;
    file_.reset(path.empty() ? nullptr : std::fopen(path.c_str(), "we"));
    if (path.empty())
        return "";
    if (!file_)
        return "cannot write the access log " + path + ": " + std::strerror(errno);
    std::setvbuf(file_.get(), nullptr, _IOFBF, kBufferBytes);
    return "";
}

// Bytes that are not enabled count as 0.
void AccessLog::write(uint64_t seq, const Job &job, const trapline_v1_Completion &completion)
{
    if (!file_)
        return;
    const Span span = job.span();
    Line line(line_);
    line << "{\"seq\":" << seq << ",\"cycleStart\":" << completion.cycle_start
         << ",\"cycleEnd\":" << completion.cycle_end << ",\"timePs\":" << completion.time_ps
         << (job.is_write ? ",\"op\":\"write\",\"device\":\"" : ",\"op\":\"read\",\"device\":\"")
         << json_escaped(job.device.name) << "\",\"offset\":" << job.offset << ",\"widthBytes\":" << job.width_bytes
         << ",\"data\":\"";
    line.bytes(job.is_write ? job.width_bytes : completion.data.size,
               [&](uint32_t i) -> uint8_t { return span.enables(i) ? job.data[i] : 0; });
    line << "\"" << enables_in_json(job) << ",\"status\":\"" << name_of(completion.status)
         << "\",\"beats\":" << completion.beats << ",\"bursts\":" << job.bursts_begun << ",\"pid\":" << job.pid
         << ",\"tid\":" << job.tid << ",\"pc\":\"" << to_hex(job.pc) << "\",\"stack\":" << job.stack
         << ",\"session\":" << job.session << ",\"wallNs\":" << wall_ns() << "}\n";
    put();
}

void AccessLog::write(const LoggedBurst &burst)
{
    if (!file_)
        return;
    const uint32_t known = burst.status == trapline_v1_Status_STATUS_OKAY ? burst.bytes : 0;
    Line line(line_);
    line << "{\"cycleStart\":" << burst.cycle_start << ",\"cycleEnd\":" << burst.cycle_end
         << ",\"timePs\":" << burst.time_ps << ",\"op\":\"dma-" << (burst.is_write ? "write" : "read")
         << "\",\"port\":\"" << json_escaped(burst.port) << "\",\"address\":" << burst.address
         << ",\"widthBytes\":" << burst.bytes << ",\"data\":\"";
    line.bytes(known, burst.byte_at);
    line << "\",\"status\":\"" << name_of(burst.status) << "\",\"beats\":" << burst.beats << ",\"wallNs\":" << wall_ns()
         << "}\n";
    put();
}

void AccessLog::write(const LoggedTransfer &transfer)
{
    if (!file_)
        return;
    Line line(line_);
    line << "{\"seq\":" << transfer.seq << ",\"cycleStart\":" << transfer.cycle_start
         << ",\"cycleEnd\":" << transfer.cycle_end << ",\"timePs\":" << transfer.time_ps << ",\"op\":\"stream-"
         << (transfer.is_write ? "write" : "read") << "\",\"device\":\"" << json_escaped(transfer.device)
         << "\",\"port\":\"" << json_escaped(transfer.port) << "\",\"offset\":0,\"widthBytes\":" << transfer.bytes
         << ",\"data\":\"";
    line.bytes(transfer.bytes, [&](uint32_t i) { return transfer.data[i]; });
    line << "\",\"packetEnd\":" << (transfer.packet_end ? "true" : "false") << ",\"status\":\""
         << name_of(transfer.status) << "\",\"beats\":" << transfer.beats << ",\"pid\":" << transfer.pid
         << ",\"tid\":" << transfer.tid << ",\"pc\":\"" << to_hex(transfer.pc) << "\",\"stack\":" << transfer.stack
         << ",\"session\":" << transfer.session << ",\"wallNs\":" << wall_ns() << "}\n";
    put();
}

void AccessLog::put()
{
    dirty_ = true;
    if (std::fwrite(line_.data(), 1, line_.size(), file_.get()) != line_.size())
        fail();
}

void AccessLog::flush()
{
    if (!dirty_)
        return;
    dirty_ = false;
    if (std::fflush(file_.get()) != 0)
        fail();
}

void AccessLog::fail()
{
    const std::string why = std::strerror(errno);
    file_.reset();
    throw std::runtime_error("the access log " + path_ + " can't be written: " + why);
}
