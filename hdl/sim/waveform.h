// SPDX-License-Identifier: Apache-2.0
//
// The end of a waveform. Its writer does not tell what it could not write, on a full disk say; that of newer Verilators
// aborts the process.

#pragma once

#include <functional>
#include <string>

// Calls `close`, then looks at the file. Throws that it is cut, if it is; where the writer aborts, the process says so
// itself, and ends with exit status 2.
void close_waveform(const std::string &path, const std::function<void()> &close);
