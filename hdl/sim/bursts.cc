// SPDX-License-Identifier: Apache-2.0

#include "bursts.h"

#include <algorithm>
#include <cstring>

namespace {

// To a multiple of a power of two: a division would take longer than all the rest that a beat takes here.
uint64_t align_down(uint64_t address, uint64_t unit)
{
    return address & ~(unit - 1);
}

bool needs_word(const Span &span, uint64_t word_address, uint32_t word_bytes)
{
    for (uint32_t lane = 0; lane < word_bytes; ++lane) {
        if (span.enables(word_address + lane - span.address))
            return true;
    }
    return false;
}

bool is_narrow_beat(const Span &span, const BusShape &bus)
{
    const uint32_t width = span.width_bytes;
    return bus.max_beats > 1 && width <= bus.word_bytes && (width & (width - 1)) == 0 && span.address % width == 0;
}

bool continues(const Burst &burst, uint64_t word_address, const BusShape &bus)
{
    return burst.beats < bus.max_beats && word_address % bus.boundary != 0 && burst.beat_bytes == bus.word_bytes &&
           burst.beat_address(burst.beats) == word_address;
}

bool needs_all(const Span &span, uint64_t address, uint32_t bytes)
{
    return span.enables_all(address - span.address, bytes);
}

// Halves what is not wanted whole until it is, or, with strobes, until both halves have something that is.
void append_aligned(std::vector<Burst> &bursts, const Span &span, uint64_t address, uint32_t bytes, bool strobes)
{
    if (!needs_word(span, address, bytes))
        return;
    const uint32_t half = bytes / 2;
    const bool both = half > 0 && needs_word(span, address, half) && needs_word(span, address + half, half);
    if (needs_all(span, address, bytes) || (strobes && both)) {
        bursts.push_back({address, 1, bytes});
        return;
    }
    append_aligned(bursts, span, address, half, strobes);
    append_aligned(bursts, span, address + half, half, strobes);
}

// The bytes of the access that one beat carries, enabled or not: `count` from the first one of them on.
struct Part {
    uint64_t from; // in the access; a huge number, by wrapping, where the beat begins before it
    uint32_t lane;
    uint32_t count;

    Part(const Span &span, const BusShape &bus, const Burst &burst, uint32_t beat)
    {
        const uint64_t first = burst.beat_address(beat);
        from = first - span.address;
        lane = static_cast<uint32_t>(first & (bus.word_bytes - 1));
        count = static_cast<uint32_t>(align_down(first, burst.beat_bytes) + burst.beat_bytes - first);
    }

    // Nearly every beat is wanted whole.
    bool is_wanted(const Span &span) const { return span.enables_all(from, count); }
};

void set_bits(uint8_t *bits, uint32_t first, uint32_t count)
{
    for (uint32_t at = first; count > 0;) {
        const uint32_t here = std::min(8 - at % 8, count);
        bits[at / 8] = static_cast<uint8_t>(bits[at / 8] | low_bits(here) << at % 8);
        at += here;
        count -= here;
    }
}

// Calls visit(i, lane) for each enabled byte i of the span.
template <typename Visit>
void for_each_enabled_byte(const Span &span, const Part &part, Visit visit)
{
    for (uint32_t n = 0; n < part.count; ++n) {
        if (span.enables(part.from + n))
            visit(part.from + n, part.lane + n);
    }
}

// How many words from the one at `address` on, beyond those whose bytes have enables of their own, the burst can go on
// with, at most so many.
uint64_t words_alike(const Span &span, const Burst &burst, uint64_t address, const BusShape &bus, uint64_t most)
{
    if (address - span.address < 64 || address % bus.boundary == 0)
        return 0;
    const uint64_t to_boundary = (bus.boundary - address % bus.boundary) / bus.word_bytes;
    return std::min<uint64_t>({most, to_boundary, bus.max_beats - burst.beats});
}

} // namespace

uint64_t Burst::beat_address(uint32_t beat) const
{
    return beat == 0 ? address : align_down(address, beat_bytes) + uint64_t{beat} * beat_bytes;
}

std::vector<Burst> split_into_bursts(const Span &span, const BusShape &bus)
{
    const uint64_t first = align_down(span.address, bus.word_bytes);
    const uint64_t words = (span.address + span.width_bytes - 1) / bus.word_bytes - span.address / bus.word_bytes + 1;
    const bool narrow = is_narrow_beat(span, bus);
    std::vector<Burst> bursts;
    for (uint64_t n = 0; n < words; ++n) {
        const uint64_t address = first + n * bus.word_bytes;
        if (!needs_word(span, address, bus.word_bytes))
            continue;
        if (!bursts.empty() && continues(bursts.back(), address, bus)) {
            ++bursts.back().beats;
            // The last word may not be wanted whole, but then its first bytes are.
            const uint64_t more = words_alike(span, bursts.back(), address + bus.word_bytes, bus, words - 1 - n);
            bursts.back().beats += static_cast<uint32_t>(more);
            n += more;
        } else {
            const uint64_t start = bus.max_beats > 1 ? std::max(address, span.address) : address;
            bursts.push_back({start, 1, narrow ? span.width_bytes : bus.word_bytes});
        }
    }
    return bursts;
}

std::vector<Burst> split_into_aligned_bursts(const Span &span, const BusShape &bus, bool strobes)
{
    const uint64_t first = align_down(span.address, bus.word_bytes);
    const uint64_t words = (span.address + span.width_bytes - 1) / bus.word_bytes - span.address / bus.word_bytes + 1;
    const bool singles = span.width_bytes <= bus.singles_up_to;
    std::vector<Burst> bursts;
    for (uint64_t n = 0; n < words; ++n) {
        const uint64_t address = first + n * bus.word_bytes;
        const bool whole = needs_all(span, address, bus.word_bytes);
        if (whole && !singles && !bursts.empty() && continues(bursts.back(), address, bus))
            ++bursts.back().beats;
        else
            append_aligned(bursts, span, address, bus.word_bytes, strobes);
    }
    return bursts;
}

bool writes_whole_words(const Span &span, const BusShape &bus)
{
    uint64_t enabled = 0;
    for (uint32_t i = 0; i < span.width_bytes; ++i)
        enabled += span.enables(i);
    uint64_t carried = 0;
    for (const Burst &word : split_into_bursts(span, {bus.word_bytes, 1}))
        carried += word.beats * bus.word_bytes;
    return enabled == carried;
}

void scatter_beat(const Span &span, const BusShape &bus, const Burst &burst, uint32_t beat, const uint8_t *data,
                  uint8_t *word, uint8_t *strobe)
{
    const Part part(span, bus, burst, beat);
    if (part.is_wanted(span)) {
        set_bits(strobe, part.lane, part.count);
        if (data)
            copy_word(word + part.lane, data + part.from, part.count);
        return;
    }
    for_each_enabled_byte(span, part, [&](uint64_t i, uint32_t lane) {
        strobe[lane / 8] = static_cast<uint8_t>(strobe[lane / 8] | 1u << lane % 8);
        if (data)
            word[lane] = data[i];
    });
}

void gather_beat(const Span &span, const BusShape &bus, const Burst &burst, uint32_t beat, const uint8_t *word,
                 uint8_t *data)
{
    const Part part(span, bus, burst, beat);
    if (part.is_wanted(span))
        return copy_word(data + part.from, word + part.lane, part.count);
    for_each_enabled_byte(span, part, [&](uint64_t i, uint32_t lane) { data[i] = word[lane]; });
}
