// SPDX-License-Identifier: Apache-2.0
//
// Whether a waveform is whole. Its writer does not tell what it could not write, on a full disk say.

#pragma once

#include <string>

// An FST file is a chain of blocks, and the hierarchy comes last.
bool is_whole_waveform(const std::string& file);
