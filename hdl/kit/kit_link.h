// SPDX-License-Identifier: Apache-2.0
//
// Where the kit waits for its bridge: `trapline run --join MODEL=PATH` connects there.

#pragma once

#include <string>

// Listens at the UNIX socket `path`, which must not be there, and removes it when the one connection has come. Returns
// the connection. Throws std::runtime_error with one sentence.
int await_bridge(const std::string &path);
