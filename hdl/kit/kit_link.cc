// SPDX-License-Identifier: Apache-2.0

#include "kit_link.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace {

[[noreturn]] void fail(const std::string &path)
{
    throw std::runtime_error("cannot listen at " + path + ": " + std::strerror(errno) +
                             "; name another in TRAPLINE_KIT_LINK");
}

} // namespace

int await_bridge(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail(path);
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto *generic = reinterpret_cast<const sockaddr *>(&address);
    if (listener < 0 || bind(listener, generic, sizeof address) != 0 || listen(listener, 1) != 0)
        fail(path);
    int connection = -1;
    do {
        connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    } while (connection < 0 && errno == EINTR);
    if (connection < 0)
        fail(path);
    close(listener);
    unlink(path.c_str());
    return connection;
}
