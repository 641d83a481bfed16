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

// Whoever waits for the file to appear connects at once: it gets its name when it listens.
int listen_at(const std::string &path)
{
    const std::string unready = path + "~";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (unready.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        fail(path);
    }
    std::memcpy(address.sun_path, unready.c_str(), unready.size() + 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto *generic = reinterpret_cast<const sockaddr *>(&address);
    if (listener < 0 || bind(listener, generic, sizeof address) != 0)
        fail(path);
    const bool is_ready = listen(listener, 1) == 0 && link(unready.c_str(), path.c_str()) == 0;
    const int reason = errno;
    unlink(unready.c_str());
    errno = reason;
    if (!is_ready)
        fail(path);
    return listener;
}

} // namespace

int await_bridge(const std::string &path)
{
    const int listener = listen_at(path);
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
