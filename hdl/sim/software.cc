// SPDX-License-Identifier: Apache-2.0

#include "software.h"

#include <algorithm>

#include "texts.h"

namespace {

template <typename Names>
void erase_session(Names &names, uint32_t session)
{
    typename Names::key_type first{};
    std::get<0>(first) = session;
    auto at = names.lower_bound(first);
    while (at != names.end() && std::get<0>(at->first) == session)
        at = names.erase(at);
}

// 0 for all of them, however that was said.
uint64_t partial_enables(uint64_t byte_enables, uint32_t width_bytes)
{
    const uint64_t all = width_bytes < 64 ? (uint64_t{1} << width_bytes) - 1 : ~uint64_t{0};
    return (byte_enables & all) == all ? 0 : byte_enables & all;
}

// The last character in the lowest byte, the rest 0.
void put_ascii(uint32_t *words, unsigned bytes, const std::string &text)
{
    const size_t length = std::min<size_t>(text.size(), bytes);
    for (size_t i = 0; i < length; ++i) {
        const size_t byte = length - 1 - i;
        words[byte / 4] |= uint32_t{static_cast<uint8_t>(text[i])} << 8 * (byte % 4);
    }
}

} // namespace

void Software::name(const trapline_v1_NameCode &code)
{
    codes_[{code.session, code.pc, code.stack}] = {code.program, code.function, code.number};
}

void Software::name(const trapline_v1_NamePlace &place)
{
    const bool is_write = place.operation == trapline_v1_Operation_OPERATION_WRITE;
    places_[{place.session, place.device, place.offset, is_write, place.width_bytes, place.byte_enables}] = place.name;
}

void Software::forget(uint32_t session)
{
    erase_session(codes_, session);
    erase_session(places_, session);
}

void Software::begin(uint32_t port, const Job &job, uint64_t number)
{
    const auto code = codes_.find({job.session, job.pc, job.stack});
    const auto place = places_.find({job.session, job.device.handle, job.offset, job.is_write, job.width_bytes,
                                     partial_enables(job.byte_enables, job.width_bytes)});
    const bool is_named = code != codes_.end() && !code->second.function.empty();
    auto &words = shown_[port];
    words.fill(0);
    uint32_t *at = words.data();
    put_ascii(at, kFunctionBytes, is_named ? code->second.function : "pc " + to_hex(job.pc));
    put_ascii(at += kFunctionBytes / 4, kProgramBytes, is_named ? code->second.program : "");
    put_ascii(at += kProgramBytes / 4, kPlaceBytes,
              place != places_.end() ? place->second : job.device.name + ("+" + to_hex(job.offset)));
    at += kPlaceBytes / 4;
    const uint64_t shown = is_named && code->second.number != 0 ? code->second.number : number;
    at[0] = static_cast<uint32_t>(shown);
    at[1] = static_cast<uint32_t>(shown >> 32);
    has_changed_ = true;
}

void Software::end(uint32_t port)
{
    shown_[port].fill(0);
    has_changed_ = true;
}

bool Software::take_change()
{
    const bool had = has_changed_;
    has_changed_ = false;
    return had;
}
