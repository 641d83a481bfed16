// SPDX-License-Identifier: Apache-2.0

#include "waveform.h"

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace {

// Block types of hierarchies: plain, and with the two kinds of LZ4 (fstapi.h: FST_BL_HIER and its kin).
bool is_hierarchy(int type)
{
    return type == 4 || type == 6 || type == 7;
}

// Big-endian, counts itself and what follows it; 0 where the file ends.
uint64_t read_length(std::istream &file)
{
    uint64_t length = 0;
    for (int i = 0; i < 8; ++i)
        length = length << 8 | static_cast<uint8_t>(file.get());
    return file ? length : 0;
}

// An FST file is a chain of blocks, and the hierarchy comes last.
bool is_whole_waveform(const std::string &path)
{
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto size = static_cast<uint64_t>(file.tellg());
    bool has_hierarchy = false;
    for (uint64_t at = 0; at < size;) {
        file.seekg(static_cast<std::streamoff>(at));
        const int type = file.get();
        const uint64_t length = read_length(file);
        if (length == 0 || length > size - at - 1)
            return false;
        has_hierarchy = has_hierarchy || is_hierarchy(type);
        at += 1 + length;
    }
    return has_hierarchy;
}

std::string last_words;

// A signal handler: calls only what is allowed there (signal-safety(7)).
void say_last_words(int)
{
    if (write(STDERR_FILENO, last_words.data(), last_words.size()) < 0)
        _exit(1);
    _exit(2);
}

} // namespace

void close_waveform(const std::string &path, const std::function<void()> &close)
{
    const std::string is_cut = "the waveform " + path + " is cut; is its disk full?";
    last_words = "trapline model: " + is_cut + "\n";
    const auto before = std::signal(SIGABRT, say_last_words);
    close();
    std::signal(SIGABRT, before);
    if (!is_whole_waveform(path))
        throw std::runtime_error(is_cut);
}
