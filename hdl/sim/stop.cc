// SPDX-License-Identifier: Apache-2.0

#include "stop.h"

#include <sys/socket.h>

#include <csignal>

namespace {

volatile std::sig_atomic_t requested = 0;
volatile std::sig_atomic_t receiving_fd = -1;

// Async-signal-safe: shutdown() is on the list of POSIX.1-2017, 2.4.3.
void request_stop(int)
{
    requested = 1;
    shutdown(receiving_fd, SHUT_RD);
}

void handle(int signal, void (*handler)(int))
{
    struct sigaction action{};
    action.sa_handler = handler;
    sigaction(signal, &action, nullptr);
}

} // namespace

void install_stop_signals(int link_fd)
{
    receiving_fd = link_fd;
    handle(SIGTERM, request_stop);
    handle(SIGINT, SIG_IGN);
    handle(SIGPIPE, SIG_IGN);
}

bool stop_requested()
{
    return requested != 0;
}
