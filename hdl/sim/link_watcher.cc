// SPDX-License-Identifier: Apache-2.0

#include "link_watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "futex.h"

namespace {

int make_eventfd()
{
    const int made = eventfd(0, EFD_CLOEXEC);
    if (made < 0)
        throw std::runtime_error(std::string("the link can't be watched: ") + std::strerror(errno));
    return made;
}

} // namespace

LinkWatcher::LinkWatcher(int fd, std::function<void()> ring)
    : fd_(fd), ring_(std::move(ring)), leave_fd_(make_eventfd()), thread_([this] { watch(); })
{
}

LinkWatcher::~LinkWatcher()
{
    const uint64_t one = 1;
    state_.store(kLeaving);
    futex_wake(state_);
    if (write(leave_fd_, &one, sizeof one) == sizeof one)
        thread_.join();
    else
        thread_.detach();
    close(leave_fd_);
}

void LinkWatcher::arm()
{
    int seen = kSeen;
    if (state_.compare_exchange_strong(seen, kWatching))
        futex_wake(state_);
}

void LinkWatcher::watch()
{
    pollfd sources[] = {{fd_, POLLIN, 0}, {leave_fd_, POLLIN, 0}};
    while (state_.load() != kLeaving) {
        if (poll(sources, 2, -1) < 0 || sources[0].revents == 0)
            continue;
        int watching = kWatching;
        if (state_.compare_exchange_strong(watching, kSeen))
            ring_();
        wait_while_seen();
    }
}

void LinkWatcher::wait_while_seen()
{
    while (state_.load() == kSeen)
        futex_wait(state_, kSeen, nullptr);
}
