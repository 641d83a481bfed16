// SPDX-License-Identifier: Apache-2.0

#include "bus_port.h"

#include <algorithm>
#include <cstring>

#include "unknown_bits.h"

namespace {

// What one instruction reaches, unless it copies.
constexpr uint32_t kMaxInstructionBytes = 64;

// Those of a whole word; the others are 0 as they are.
void set_strobes(uint8_t *strobe, uint32_t word_bytes)
{
    if (word_bytes < 8)
        *strobe = static_cast<uint8_t>(low_bits(word_bytes));
    else
        std::memset(strobe, 0xff, word_bytes / 8);
}

} // namespace

std::string BusPort::open(uint32_t address_width, uint32_t data_width, uint32_t max_beats)
{
    const bool possible = data_width >= 8 && data_width / 8 <= kMaxWordBytes && (data_width & (data_width - 1)) == 0;
    if (address_width < 1 || address_width > 64 || !possible) {
        return "port " + name + " has " + std::to_string(address_width) + " address and " + std::to_string(data_width) +
               " data bits; 1 to 64 and a power of two from 8 to 1024 are possible";
    }
    address_bits = address_width;
    bus = {data_width / 8, max_beats};
    return "";
}

void BusPort::align(bool write_strobes, uint32_t boundary)
{
    bus.aligned = boundary > 0;
    bus.write_strobes = write_strobes;
    bus.boundary = std::max(boundary, 1u);
    bus.singles_up_to = kMaxInstructionBytes;
}

std::string BusPort::reach_error(const Job &job) const
{
    if (!job.lies_in_device()) {
        return "it does not lie inside the device, which has " + to_hex(job.device.size) + " bytes";
    }
    const uint64_t highest = low_bits(address_bits);
    const Span span = job.span();
    if (span.address < job.device.address || span.address > highest || span.width_bytes - 1 > highest - span.address) {
        return "bus address " + to_hex(span.address + span.width_bytes - 1) + " lies beyond port " + name + ", whose " +
               std::to_string(address_bits) + " address bits end at " + to_hex(highest);
    }
    if (job.is_write && !missing_strobes.empty() && !writes_whole_words(span, bus)) {
        return "port " + name + " has no " + missing_strobes + ", so that a write of less than its words of " +
               std::to_string(bus.word_bytes) +
               " bytes would change bytes which the program doesn't write (key ports." + name + ".narrowWrites)";
    }
    return "";
}

std::vector<Burst> BusPort::bursts_of(const Job &job) const
{
    if (!bus.aligned)
        return split_into_bursts(job.span(), bus);
    return split_into_aligned_bursts(job.span(), bus, job.is_write && bus.write_strobes);
}

const Burst &BusPort::begin_burst()
{
    Job &job = *current;
    const Burst &burst = job.bursts[job.bursts_begun++];
    job.beat = 0;
    unknown.clear();
    job.beats_begun += burst.beats;
    const Span span = job.span();
    plain_from = burst.address - span.address;
    const bool whole_words = burst.beat_bytes == bus.word_bytes && (burst.address & (bus.word_bytes - 1)) == 0;
    const bool plain = whole_words && span.enables_all(plain_from, uint64_t{burst.beats} * bus.word_bytes);
    plain_beats = plain ? burst.beats : 0;
    return burst;
}

inline uint8_t *BusPort::pass_plain_beat()
{
    if (plain_beats == 0)
        return nullptr;
    --plain_beats;
    ++current->beat;
    uint8_t *bytes = current->data.data() + plain_from;
    plain_from += bus.word_bytes;
    return bytes;
}

void BusPort::write_beat(uint8_t *word, uint8_t *strobe)
{
    Job &job = *current;
    if (job.is_write) {
        if (const uint8_t *bytes = pass_plain_beat()) {
            copy_word(word, bytes, bus.word_bytes);
            return set_strobes(strobe, bus.word_bytes);
        }
    }
    std::memset(word, 0, kMaxWordBytes);
    std::memset(strobe, 0, kMaxWordBytes / 8);
    scatter_beat(job.span(), bus, job.burst(), job.beat++, job.is_write ? job.data.data() : nullptr, word, strobe);
}

void BusPort::read_beat(trapline_v1_Status status, const uint8_t *word)
{
    Job &job = *current;
    const bool is_sound = status == trapline_v1_Status_STATUS_OKAY && unknown.empty();
    if (uint8_t *bytes = is_sound ? pass_plain_beat() : nullptr)
        return copy_word(bytes, word, bus.word_bytes);
    plain_beats = 0;
    if (status == trapline_v1_Status_STATUS_OKAY) {
        gather_beat(job.span(), bus, job.burst(), job.beat, word, job.data.data());
        if (!unknown.empty())
            judge_unknown();
    } else if (job.bad_status == trapline_v1_Status_STATUS_OKAY || !job.unknown.empty()) {
        job.unknown.clear();
        job.bad_status = status;
        job.bad_beat = job.beat;
    }
    unknown.clear();
    ++job.beat;
}

void BusPort::note_unknown(const uint8_t *bits)
{
    unknown.assign(bits, bits + kMaxWordBytes);
}

// What scatter_beat says of strobes are the lanes that the access asks for.
void BusPort::judge_unknown()
{
    Job &job = *current;
    uint8_t lanes[kMaxWordBytes / 8] = {};
    scatter_beat(job.span(), bus, job.burst(), job.beat, nullptr, nullptr, lanes);
    const std::string bits = unknown_bits_in(unknown.data(), lanes, bus.word_bytes);
    if (bits.empty() || job.bad_status != trapline_v1_Status_STATUS_OKAY)
        return;
    job.unknown = bits;
    job.bad_status = trapline_v1_Status_STATUS_SLVERR;
    job.bad_beat = job.beat;
}

void BusPort::read_only_beat(const uint8_t *word)
{
    gather_beat(current->span(), bus, current->burst(), 0, word, current->data.data());
    if (!unknown.empty()) {
        current->beat = 0;
        judge_unknown();
        unknown.clear();
    }
}

void BusPort::end_burst(trapline_v1_Status status)
{
    if (status == trapline_v1_Status_STATUS_OKAY)
        return;
    current->bad_status = status;
    current->bad_beat = 0;
}

std::string BusPort::bus_error() const
{
    const std::string text = answer_in_words();
    return current->unknown.empty() ? text : text + "; port " + name + ": read data is X in " + current->unknown;
}

// The answer to a write is one for its whole burst.
std::string BusPort::answer_in_words() const
{
    const Job &job = *current;
    const uint64_t address = job.burst().beat_address(job.bad_beat);
    std::string text = std::string(name_of(job.bad_status)) + " on " + describe(job) + " (bus address " +
                       to_hex(std::max(address, job.span().address)) + ")";
    uint64_t beats = 0;
    for (const Burst &burst : job.bursts)
        beats += burst.beats;
    if (beats == 1)
        return text;
    const uint32_t first = job.beats_begun - job.burst().beats + 1;
    const bool whole_burst = job.is_write && job.burst().beats > 1;
    text += whole_burst ? ": beats " + std::to_string(first) + " to " + std::to_string(job.beats_begun)
                        : ": beat " + std::to_string(first + job.bad_beat);
    text += " of " + std::to_string(beats);
    return job.beats_begun < beats ? text + ", the rest was not started" : text;
}
