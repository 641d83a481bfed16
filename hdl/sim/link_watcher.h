// SPDX-License-Identifier: Apache-2.0
//
// Sees for a model that sleeps on another thing whether the link has something: a thread of its own, which waits for
// the descriptor to become readable, then rings. It reads nothing.

#pragma once

#include <atomic>
#include <functional>
#include <thread>

class LinkWatcher {
public:
    // Calls ring() on a thread of its own, once for each arm(). Throws std::runtime_error if it can't be started.
    LinkWatcher(int fd, std::function<void()> ring);
    ~LinkWatcher();

    // There was something when it looked last.
    bool has_seen() const { return state_.load(std::memory_order_acquire) == kSeen; }
    // What there was has been read.
    void arm();

private:
    enum State : int {
        kWatching,
        kSeen,
        kLeaving,
    };

    void watch();
    void wait_while_seen();

    const int fd_;
    const std::function<void()> ring_;
    const int leave_fd_; // readable: leave
    std::atomic<int> state_{kWatching};
    std::thread thread_;
};
