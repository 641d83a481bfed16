// SPDX-License-Identifier: Apache-2.0

#include "streams.h"

#include <algorithm>
#include <utility>

#include "job.h"

namespace {

constexpr uint32_t kMaxBeatBits = 1024; // trapline_dpi_pkg::StreamBits

bool bit_of(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> i % 8 & 1;
}

} // namespace

std::string describe(const StreamJob &job)
{
    const uint32_t bytes = job.is_write ? job.width_bytes : std::max(job.width_bytes, job.wanted_bytes);
    return std::string(job.is_write ? "write" : "read") + " of " + std::to_string(bytes) +
           (bytes == 1 ? " byte " : " bytes ") + (job.is_write ? "to " : "from ") + job.device;
}

Streams::Streams(const Options &options, const Timeline &timeline, Deliver deliver)
    : timeline_(timeline), deliver_(std::move(deliver))
{
    for (const auto &[name, buffer] : options.streams) {
        ports_.emplace_back();
        ports_.back().name = name;
        ports_.back().buffer = buffer;
    }
}

// ---- the link's side

std::string Streams::submit(uint32_t index, StreamJob job)
{
    Port &port = ports_[index];
    const std::string fault = find_fault_in(port, job);
    if (!fault.empty())
        return fault;
    job.moved_at = timeline_.cycle;
    auto &queue = job.is_write ? port.writers : port.readers;
    queue.push_back(std::move(job));
    if (queue.size() > 1)
        return "";
    if (queue.front().is_write)
        answer_writers(port);
    else
        answer_readers(port);
    return "";
}

std::string Streams::find_fault_in(const Port &port, const StreamJob &job) const
{
    if (!port.is_open)
        return "the design has no stream " + port.name;
    if (port.is_written != job.is_write)
        return "stream " + port.name + (port.is_written ? " is written" : " is read");
    if (!job.is_write || (job.packet_end && !port.whole_beats))
        return "";
    if (job.width_bytes % port.beat_bytes == 0)
        return "";
    return "stream " + port.name + " has beats of " + std::to_string(port.beat_bytes) + " bytes; " +
           std::to_string(job.width_bytes) + " can't be carried";
}

// ---- what the host writes

std::string Streams::open(uint32_t index, bool written, uint32_t data_bits, bool whole_beats, bool packets)
{
    if (index >= ports_.size()) {
        return "the design has a stream " + std::to_string(index) + ", but only " + std::to_string(ports_.size()) +
               " were named with --stream";
    }
    Port &port = ports_[index];
    if (data_bits < 8 || data_bits > kMaxBeatBits || data_bits % 8 != 0) {
        return "stream " + port.name + " has " + std::to_string(data_bits) +
               " data bits; multiples of 8 up to 1024 are possible";
    }
    port.is_open = true;
    port.is_written = written;
    port.whole_beats = whole_beats;
    port.has_packets = packets;
    port.beat_bytes = data_bits / 8;
    return "";
}

bool Streams::has_beat(uint32_t index) const
{
    const Port &port = ports_[index];
    return !port.writers.empty() && port.writers.front().taken < port.writers.front().width_bytes;
}

bool Streams::next_beat(uint32_t index, uint8_t *bytes, uint8_t *keep, bool &last)
{
    if (!has_beat(index))
        return false;
    Port &port = ports_[index];
    StreamJob &job = port.writers.front();
    const uint32_t count = std::min(port.beat_bytes, job.width_bytes - job.taken);
    for (uint32_t i = 0; i < count; ++i) {
        bytes[i] = job.data[job.taken + i];
        keep[i / 8] = static_cast<uint8_t>(keep[i / 8] | 1u << i % 8);
    }
    job.taken += count;
    last = job.packet_end && job.taken == job.width_bytes;
    ++job.beats;
    if (job.cycle_start == 0)
        job.cycle_start = timeline_.cycle;
    job.moved_at = timeline_.cycle;
    port.is_offered = true;
    return true;
}

void Streams::end_beat(uint32_t index)
{
    Port &port = ports_[index];
    port.is_offered = false;
    if (port.writers.empty())
        return;
    StreamJob &job = port.writers.front();
    job.moved_at = job.cycle_end = timeline_.cycle;
    job.time_ps = timeline_.time_ps;
}

void Streams::time_out(uint32_t index, const std::string &reason)
{
    Port &port = ports_[index];
    const std::string what = port.writers.empty() ? "a beat of stream " + port.name : describe(port.writers.front());
    port.stuck = what + ": " + reason;
}

void Streams::answer_writers(Port &port)
{
    while (!port.writers.empty()) {
        StreamJob &job = port.writers.front();
        if (!port.stuck.empty()) {
            answer(port, port.writers, trapline_v1_Status_STATUS_TIMEOUT, port.stuck + "; reset the model");
        } else if ((job.taken == job.width_bytes && !port.is_offered) || is_spent(job)) {
            answer(port, port.writers, trapline_v1_Status_STATUS_OKAY, "");
        } else {
            return;
        }
    }
}

// ---- what the design transmits

// Packets without a byte take no room of it, but memory.
bool Streams::is_full(const Port &port) const
{
    return port.bytes.size() + port.beat_bytes > port.buffer || port.beats.size() >= port.buffer;
}

bool Streams::has_room(uint32_t index) const
{
    const Port &port = ports_[index];
    return port.buffer == 0 || !is_full(port);
}

void Streams::take_beat(uint32_t index, const uint8_t *bytes, const uint8_t *keep, const uint8_t *strobe, bool last)
{
    Port &port = ports_[index];
    if (port.buffer == 0)
        return;
    if (!port.readers.empty())
        port.readers.front().moved_at = timeline_.cycle;
    uint32_t count = 0;
    for (uint32_t i = 0; i < port.beat_bytes; ++i) {
        if (!bit_of(keep, i))
            continue;
        port.bytes.push_back(bit_of(strobe, i) ? bytes[i] : 0);
        ++count;
    }
    if (count == 0 && !last)
        return;
    port.beats.push_back({count, last, timeline_.cycle, timeline_.time_ps});
    if (last)
        ++port.packets;
}

bool Streams::is_readable(const Port &port, uint64_t wanted) const
{
    if (port.packets > 0 || (wanted > 0 && port.bytes.size() >= wanted))
        return true;
    return !port.bytes.empty() && (!port.has_packets || is_full(port));
}

// Bytes of one packet, and not past its end.
void Streams::give(Port &port, StreamJob &job)
{
    while (!port.beats.empty()) {
        Beat &beat = port.beats.front();
        const uint32_t count = std::min(beat.bytes, job.width_bytes - static_cast<uint32_t>(job.data.size()));
        if (count == 0 && beat.bytes > 0)
            return;
        job.data.insert(job.data.end(), port.bytes.begin(), port.bytes.begin() + count);
        port.bytes.erase(port.bytes.begin(), port.bytes.begin() + count);
        if (job.cycle_start == 0)
            job.cycle_start = beat.cycle;
        job.cycle_end = beat.cycle;
        job.time_ps = beat.time_ps;
        ++job.beats;
        beat.bytes -= count;
        if (beat.bytes > 0)
            return;
        job.packet_end = beat.last;
        port.beats.pop_front();
        if (!job.packet_end)
            continue;
        --port.packets;
        return;
    }
}

void Streams::answer_readers(Port &port)
{
    while (!port.readers.empty()) {
        StreamJob &job = port.readers.front();
        if (is_readable(port, job.wanted_bytes)) {
            give(port, job);
            port.wanted = 0;
        } else if (is_spent(job)) {
            port.wanted = job.wanted_bytes;
        } else {
            return;
        }
        answer(port, port.readers, trapline_v1_Status_STATUS_OKAY, "");
    }
    // Emptied between two edges, it may be readable again after the next: whoever waits then is to be told.
    if (!is_readable(port, port.wanted))
        port.is_told = false;
}

// ---- answers

bool Streams::is_spent(const StreamJob &job) const
{
    return timeline_.cycle - job.moved_at >= job.patience_cycles;
}

void Streams::answer(Port &port, std::deque<StreamJob> &queue, trapline_v1_Status status, const std::string &detail)
{
    StreamJob job = std::move(queue.front());
    queue.pop_front();
    if (job.cycle_start == 0)
        job.cycle_start = timeline_.cycle;
    if (job.cycle_end == 0) {
        job.cycle_end = timeline_.cycle;
        job.time_ps = timeline_.time_ps;
    }
    if (!queue.empty())
        queue.front().moved_at = timeline_.cycle;
    deliver_(job, {status, detail, port.name, port.is_offered, is_readable(port, 0)});
}

void Streams::end_edge()
{
    for (uint32_t index = 0; index < ports_.size(); ++index) {
        Port &port = ports_[index];
        if (!port.writers.empty())
            answer_writers(port);
        if (!port.readers.empty())
            answer_readers(port);
        const bool readable = port.buffer > 0 && is_readable(port, port.wanted);
        if (readable && !port.is_told)
            readable_.push_back(index);
        port.is_told = readable;
    }
}

std::vector<uint32_t> Streams::take_readable()
{
    std::vector<uint32_t> taken;
    taken.swap(readable_);
    return taken;
}

void Streams::repeat()
{
    for (auto &port : ports_)
        port.is_told = false;
}

bool Streams::wants_time() const
{
    return std::any_of(ports_.begin(), ports_.end(),
                       [](const Port &port) { return !port.writers.empty() || !port.readers.empty(); });
}

void Streams::cut_off(const std::string &why)
{
    for (auto &port : ports_) {
        for (auto *queue : {&port.writers, &port.readers}) {
            while (!queue->empty()) {
                answer(port, *queue, trapline_v1_Status_STATUS_DISCONNECTED, describe(queue->front()) + ": " + why);
            }
        }
        port.stuck.clear();
        port.is_offered = false;
        port.bytes.clear();
        port.beats.clear();
        port.packets = 0;
        port.wanted = 0;
    }
}

std::string Streams::pending() const
{
    for (const auto &port : ports_) {
        for (const auto *queue : {&port.writers, &port.readers}) {
            if (!queue->empty())
                return describe(queue->front());
        }
    }
    return "";
}
