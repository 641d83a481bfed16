// SPDX-License-Identifier: Apache-2.0

#include "unknown_bits.h"

#include <vector>

namespace {

// Further ones are not listed.
constexpr size_t kMostRanges = 4;

std::string joined(const std::vector<std::string> &ranges)
{
    std::string text;
    for (size_t i = 0; i < ranges.size(); ++i) {
        if (i > 0)
            text += i + 1 < ranges.size() ? ", " : " and ";
        text += ranges[i];
    }
    return text;
}

} // namespace

std::string unknown_bits_in(const uint8_t *bits, const uint8_t *lanes, size_t bytes)
{
    const auto is_unknown = [&](size_t bit) {
        const size_t lane = bit / 8;
        return (lanes[lane / 8] >> lane % 8 & 1) && (bits[lane] >> bit % 8 & 1);
    };
    std::vector<std::string> ranges;
    bool one_bit = true;
    for (size_t end = 8 * bytes; end > 0;) {
        if (!is_unknown(end - 1)) {
            --end;
            continue;
        }
        const size_t high = end - 1;
        while (end > 0 && is_unknown(end - 1))
            --end;
        if (ranges.size() == kMostRanges) {
            ranges.push_back("others");
            break;
        }
        one_bit = high == end && ranges.empty();
        ranges.push_back(high == end ? std::to_string(high) : std::to_string(high) + ":" + std::to_string(end));
    }
    return ranges.empty() ? "" : (one_bit ? "bit " : "bits ") + joined(ranges);
}
