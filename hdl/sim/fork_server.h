// SPDX-License-Identifier: Apache-2.0
//
// Copies of a model that has been set up: from a point between two clock cycles on, this process no longer simulates
// but gives each connection to a UNIX socket a copy of itself, by fork(2). A copy begins with everything that the
// design has in it, and with a link of its own.

#pragma once

#include <string>

#include "link.h"

class ForkServer {
public:
    // Returns why it can't listen at `path`, or an empty string.
    std::string listen(const std::string &path);

    // Serves until `link` ends, then returns false. In each copy it returns true, and `link` is the copy's connection.
    bool serve(Link &link);

private:
    // The connection of a copy, -1 in the server.
    int fork_for(int connection) const;

    int listener_ = -1;
    std::string path_;
};

// From now on standard output and error go to the UNIX socket at `path`. Returns why they can't, or an empty string.
std::string print_to(const std::string &path);
