// SPDX-License-Identifier: Apache-2.0

#include "fork_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "stop.h"

namespace {

constexpr int kBacklog = 64;

std::string explain(const std::string &what, const std::string &path)
{
    return what + " " + path + ": " + std::strerror(errno);
}

// False if the path does not fit.
bool to_address(const std::string &path, sockaddr_un &address)
{
    address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return true;
}

const sockaddr *generic(const sockaddr_un &address)
{
    return reinterpret_cast<const sockaddr *>(&address);
}

} // namespace

std::string ForkServer::listen(const std::string &path)
{
    sockaddr_un address;
    if (!to_address(path, address))
        return explain("cannot listen at", path);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener_ < 0 || bind(listener_, generic(address), sizeof address) != 0 || ::listen(listener_, kBacklog) != 0) {
        return explain("cannot listen at", path);
    }
    path_ = path;
    return "";
}

bool ForkServer::serve(Link &link)
{
    // The kernel buries copies that end.
    std::signal(SIGCHLD, SIG_IGN);
    pollfd sources[] = {{link.fd(), POLLIN, 0}, {listener_, POLLIN, 0}};
    while (!stop_requested()) {
        if (poll(sources, 2, -1) < 0)
            continue;
        if (sources[0].revents != 0)
            break;
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0)
            continue;
        const int own = fork_for(connection);
        if (own < 0)
            continue;
        link.adopt(own);
        return true;
    }
    unlink(path_.c_str());
    return false;
}

int ForkServer::fork_for(int connection) const
{
    // What is buffered would be written once by each copy.
    std::fflush(nullptr);
    if (fork() != 0) {
        close(connection);
        return -1;
    }
    std::signal(SIGCHLD, SIG_DFL);
    close(listener_);
    return connection;
}

std::string print_to(const std::string &path)
{
    sockaddr_un address;
    if (!to_address(path, address))
        return explain("cannot print to", path);
    const int printer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (printer < 0 || connect(printer, generic(address), sizeof address) != 0)
        return explain("cannot print to", path);
    dup2(printer, STDOUT_FILENO);
    dup2(printer, STDERR_FILENO);
    close(printer);
    return "";
}
