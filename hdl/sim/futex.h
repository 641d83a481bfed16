// SPDX-License-Identifier: Apache-2.0
//
// futex(2), on words of this process and on those that it shares with others.

#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <ctime>

// Returns when woken, when the word has another value, after the time limit, or for no reason.
inline void futex_wait(const void *word, uint32_t value, const timespec *limit)
{
    syscall(SYS_futex, word, FUTEX_WAIT, value, limit, nullptr, 0);
}

// Wakes one who waits.
inline void futex_wake(const void *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

inline void futex_wait(const std::atomic<int> &word, int value, const timespec *limit)
{
    futex_wait(static_cast<const void *>(&word), static_cast<uint32_t>(value), limit);
}

inline void futex_wake(const std::atomic<int> &word)
{
    futex_wake(static_cast<const void *>(&word));
}
