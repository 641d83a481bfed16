// SPDX-License-Identifier: Apache-2.0

#include "access_log.h"

#include <cerrno>
#include <cinttypes>
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

// The bytes as one number, most significant byte first.
std::string in_hex(uint32_t count, const std::function<uint8_t(uint32_t)> &byte_at)
{
    constexpr char kDigits[] = "0123456789abcdef";
    if (count == 0)
        return "";
    std::string out = "0x";
    for (uint32_t i = count; i-- > 0;) {
        const uint8_t byte = byte_at(i);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

// Bytes that are not enabled count as 0.
std::string data_in_hex(const Job &job, const trapline_v1_Completion &completion)
{
    const Span span = job.span();
    return in_hex(job.is_write ? job.width_bytes : completion.data.size,
                  [&](uint32_t i) -> uint8_t { return span.enables(i) ? job.data[i] : 0; });
}

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

void AccessLog::write(uint64_t seq, const Job &job, const trapline_v1_Completion &completion)
{
    if (!file_)
        return;
    dirty_ = true;
    const int written = std::fprintf(
        file_.get(),
        "{\"seq\":%" PRIu64 ",\"cycleStart\":%" PRIu64 ",\"cycleEnd\":%" PRIu64 ",\"timePs\":%" PRIu64
        ",\"op\":\"%s\",\"device\":\"%s\",\"offset\":%" PRIu64
        ",\"widthBytes\":%u,\"data\":\"%s\"%s,\"status\":\"%s\",\"beats\":%u,\"bursts\":%u,\"pid\":%d,\"tid\":%u"
        ",\"pc\":\"0x%" PRIx64 "\",\"session\":%u,\"wallNs\":%" PRIu64 "}\n",
        seq, completion.cycle_start, completion.cycle_end, completion.time_ps, job.is_write ? "write" : "read",
        json_escaped(job.device.name).c_str(), job.offset, job.width_bytes, data_in_hex(job, completion).c_str(),
        enables_in_json(job).c_str(), name_of(completion.status), completion.beats, job.bursts_begun, job.pid, job.tid,
        job.pc, job.session, wall_ns());
    if (written < 0)
        fail();
}

void AccessLog::write(const LoggedBurst &burst)
{
    if (!file_)
        return;
    dirty_ = true;
    const uint32_t known = burst.status == trapline_v1_Status_STATUS_OKAY ? burst.bytes : 0;
    const int written = std::fprintf(
        file_.get(),
        "{\"cycleStart\":%" PRIu64 ",\"cycleEnd\":%" PRIu64 ",\"timePs\":%" PRIu64
        ",\"op\":\"dma-%s\",\"port\":\"%s\",\"address\":%" PRIu64
        ",\"widthBytes\":%u,\"data\":\"%s\",\"status\":\"%s\",\"beats\":%u,\"wallNs\":%" PRIu64 "}\n",
        burst.cycle_start, burst.cycle_end, burst.time_ps, burst.is_write ? "write" : "read",
        json_escaped(burst.port).c_str(), burst.address, burst.bytes, in_hex(known, burst.byte_at).c_str(),
        name_of(burst.status), burst.beats, wall_ns());
    if (written < 0)
        fail();
}

void AccessLog::write(const LoggedTransfer &transfer)
{
    if (!file_)
        return;
    dirty_ = true;
    const int written = std::fprintf(
        file_.get(),
        "{\"seq\":%" PRIu64 ",\"cycleStart\":%" PRIu64 ",\"cycleEnd\":%" PRIu64 ",\"timePs\":%" PRIu64
        ",\"op\":\"stream-%s\",\"device\":\"%s\",\"port\":\"%s\",\"offset\":0,\"widthBytes\":%u,\"data\":\"%s\""
        ",\"packetEnd\":%s,\"status\":\"%s\",\"beats\":%u,\"pid\":%d,\"tid\":%u,\"pc\":\"0x%" PRIx64
        "\",\"session\":%u,\"wallNs\":%" PRIu64 "}\n",
        transfer.seq, transfer.cycle_start, transfer.cycle_end, transfer.time_ps, transfer.is_write ? "write" : "read",
        json_escaped(transfer.device).c_str(), json_escaped(transfer.port).c_str(), transfer.bytes,
        in_hex(transfer.bytes, [&](uint32_t i) { return transfer.data[i]; }).c_str(),
        transfer.packet_end ? "true" : "false", name_of(transfer.status), transfer.beats, transfer.pid, transfer.tid,
        transfer.pc, transfer.session, wall_ns());
    if (written < 0)
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
