// SPDX-License-Identifier: Apache-2.0
//
// Texts in messages: nanopb keeps them in arrays of a fixed size (proto/trapline/v1/*.options).

#pragma once

#include <cstddef>
#include <string>

// Bytes from the start of a text, at most that many, that end between two characters (UTF-8).
inline size_t whole_characters(const std::string &text, size_t most)
{
    if (text.size() <= most)
        return text.size();
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80)
        --most;
    return most;
}

// Puts as much of the text as fits.
template <size_t N>
void put_text(char (&target)[N], const std::string &text)
{
    target[text.copy(target, whole_characters(text, N - 1))] = '\0';
}

// Puts the end of a path, for there stands the file's own name.
template <size_t N>
void put_path(char (&target)[N], const std::string &path)
{
    put_text(target, path.size() < N ? path : path.substr(path.size() - (N - 1)));
}
