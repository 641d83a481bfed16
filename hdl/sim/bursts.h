// SPDX-License-Identifier: Apache-2.0
//
// How an access of any width and alignment becomes bursts of bus words. Pure: knows no queue, and of the bus only its
// shape. A bus without bursts takes one beat at a time, each a whole word; the others take as few bursts as AXI allows.

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

// The widest bus word, in bytes: 1024 bits (AXI IHI 0022, A1.2).
constexpr uint32_t kMaxWordBytes = 128;

// The lowest `count` bits; all of them from 64 on.
inline uint64_t low_bits(uint32_t count)
{
    return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

// The bytes of one access as they lie on the bus.
struct Span {
    uint64_t address = 0;      // of the first byte
    uint32_t width_bytes = 0;  // 1 to 4096
    uint64_t byte_enables = 0; // bit i enables byte i; from byte 64 on all are enabled

    bool enables(uint64_t i) const { return i < width_bytes && (i >= 64 || (byte_enables >> i & 1)); }
    // All of so many bytes from the first one on.
    bool enables_all(uint64_t first, uint64_t count) const
    {
        if (first >= width_bytes || count > width_bytes - first)
            return false;
        const uint64_t wanted = first >= 64 ? 0 : low_bits(static_cast<uint32_t>(std::min(count, 64 - first)));
        return first >= 64 || (byte_enables >> first & wanted) == wanted;
    }
};

struct BusShape {
    uint32_t word_bytes = 0; // a power of two, at most kMaxWordBytes
    uint32_t max_beats = 1;  // of one burst; 1 where the bus knows none
    // Whether the beats of the bus are naturally aligned and as wide as their size says, as AHB's and TileLink's are.
    bool aligned = false;
    bool write_strobes = true;  // whether a write may leave bytes of its beat out
    uint32_t boundary = 4096;   // no burst crosses a multiple of it (AXI IHI 0022, A3.4.1; AHB IHI 0033, 3.5)
    uint32_t singles_up_to = 0; // an access of no more bytes has beats of their own
};

// Beats at ascending addresses, as AXI's INCR (IHI 0022, A3.4.1).
struct Burst {
    uint64_t address = 0; // of the first byte. Where the bus knows bursts it need not be aligned
    uint32_t beats = 0;
    uint32_t beat_bytes = 0; // a power of two; every beat but the first begins at a multiple of it

    uint64_t beat_address(uint32_t beat) const;
};

// Words without an enabled byte get no beat. An access that is naturally aligned and no wider than the word becomes one
// beat of its own width where the bus knows bursts.
std::vector<Burst> split_into_bursts(const Span &span, const BusShape &bus);

// The same for a bus of aligned beats. A word that is not wanted whole becomes the fewest beats of a power of two of
// bytes that carry nothing else; or, where strobes tell what is wanted, one beat, as narrow as can be.
std::vector<Burst> split_into_aligned_bursts(const Span &span, const BusShape &bus, bool strobes);

// Whether each word that the span touches has all of its bytes enabled.
bool writes_whole_words(const Span &span, const BusShape &bus);

// Of the usual sizes without a call.
inline void copy_word(uint8_t *to, const uint8_t *from, uint32_t count)
{
    if (count == 4)
        std::memcpy(to, from, 4);
    else if (count == 8)
        std::memcpy(to, from, 8);
    else
        std::memcpy(to, from, count);
}

// Copies the enabled bytes of one beat from the access's bytes to their lanes of the bus word, and sets their strobes:
// bit i % 8 of byte i / 8 stands for lane i. Lanes and strobes of others stay as they are. A null data copies nothing.
void scatter_beat(const Span &span, const BusShape &bus, const Burst &burst, uint32_t beat, const uint8_t *data,
                  uint8_t *word, uint8_t *strobe);

// Copies the enabled bytes of one beat from the bus word to their place among the access's bytes.
void gather_beat(const Span &span, const BusShape &bus, const Burst &burst, uint32_t beat, const uint8_t *word,
                 uint8_t *data);
