// SPDX-License-Identifier: Apache-2.0

#include "job.h"

#include <cstdio>

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
