// SPDX-License-Identifier: Apache-2.0

#include "job.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace {

std::string find_fault_in_string(const trapline_v1_Access &access)
{
    if (access.elements <= 1)
        return "";
    if (access.byte_enables != 0 || access.hold || access.posted || access.patience_cycles != 0)
        return "a string is neither masked, locked nor posted, nor of a stream";
    const uint64_t bytes = uint64_t{access.width_bytes} * access.elements;
    if (bytes > kMaxAccessBytes)
        return "a string has at most " + std::to_string(kMaxAccessBytes) + " bytes, not " + std::to_string(bytes);
    const uint64_t beyond = access.descending ? access.offset : ~access.offset;
    return bytes - access.width_bytes > beyond ? "a string leaves the 64 bits of its offset" : "";
}

} // namespace

std::string fault_in(const trapline_v1_Access &access)
{
    const bool write = access.operation == trapline_v1_Operation_OPERATION_WRITE;
    if (!write && access.operation != trapline_v1_Operation_OPERATION_READ)
        return "an access is a read or a write";
    const uint32_t least = write && access.patience_cycles > 0 ? 0 : 1;
    if (access.width_bytes < least || access.width_bytes > kMaxAccessBytes) {
        return "an access has 1 to " + std::to_string(kMaxAccessBytes) + " bytes, not " +
               std::to_string(access.width_bytes);
    }
    if (access.width_bytes > 64 && access.byte_enables != 0)
        return "byte enables reach no further than 64 bytes";
    const std::string fault = find_fault_in_string(access);
    if (!fault.empty())
        return fault;
    const uint32_t expected = write ? access.width_bytes * std::max(access.elements, 1u) : 0;
    if (access.data.size != expected) {
        return "the access carries " + std::to_string(access.data.size) + " bytes of data instead of " +
               std::to_string(expected);
    }
    return "";
}

void Job::forget_bus()
{
    bursts.clear();
    bursts_begun = beats_begun = beat = 0;
    bad_status = trapline_v1_Status_STATUS_OKAY;
    unknown.clear();
}

void Job::step()
{
    if (!is_write)
        all_data.insert(all_data.end(), data.begin(), data.end());
    ++done;
    ++seq;
    offset += descending ? -uint64_t{width_bytes} : width_bytes;
    const auto next = all_data.begin() + static_cast<std::ptrdiff_t>(uint64_t{done} * width_bytes);
    if (is_write && done < elements)
        data.assign(next, next + width_bytes);
    else
        data.assign(width_bytes, 0);
}

bool Job::lies_in_device() const
{
    return offset <= device.size && width_bytes <= device.size - offset;
}

Span Job::span() const
{
    const uint64_t all = low_bits(width_bytes);
    return {device.address + offset, width_bytes, byte_enables ? byte_enables & all : all};
}

std::string describe(const Job &job)
{
    return std::string(job.is_write ? "write" : "read") + " of " + std::to_string(job.width_bytes) +
           (job.width_bytes == 1 ? " byte at " : " bytes at ") + job.device.name + "+" + to_hex(job.offset);
}

const char *name_of(trapline_v1_Status status)
{
    switch (status) {
    case trapline_v1_Status_STATUS_OKAY:
        return "OKAY";
    case trapline_v1_Status_STATUS_SLVERR:
        return "SLVERR";
    case trapline_v1_Status_STATUS_DECERR:
        return "DECERR";
    case trapline_v1_Status_STATUS_TIMEOUT:
        return "TIMEOUT";
    case trapline_v1_Status_STATUS_DISCONNECTED:
        return "DISCONNECTED";
    default:
        return "UNSPECIFIED";
    }
}

std::string to_hex(uint64_t value)
{
    char digits[2 + 16];
    char *first = digits + sizeof digits;
    do
        *--first = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    *--first = 'x';
    *--first = '0';
    return {first, digits + sizeof digits};
}

std::string json_escaped(const std::string &text)
{
    std::string out;
    for (const char each : text) {
        const auto c = static_cast<unsigned char>(each);
        if (c == '"' || c == '\\')
            out += '\\';
        if (c >= 0x20) {
            out += each;
        } else {
            char code[7];
            std::snprintf(code, sizeof code, "\\u%04x", c);
            out += code;
        }
    }
    return out;
}
