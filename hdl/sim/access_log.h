// SPDX-License-Identifier: Apache-2.0
//
// The access log: one JSON object per line for each completion of this model, and for each burst that the design's
// manager ports end. Writes are buffered; the server flushes when the model has been idle for a while.

#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "job.h"

// A burst of the design's own, as the log has it. The bytes are those of host memory, lowest address first.
struct LoggedBurst {
    const std::string &port;
    bool is_write;
    uint64_t address; // of the lowest byte
    uint32_t bytes;
    uint32_t beats;
    trapline_v1_Status status;
    uint64_t cycle_start, cycle_end, time_ps;
    std::function<uint8_t(uint32_t)> byte_at; // 0 where a write had no strobe
};

// A piece of a packet of a stream.
struct LoggedTransfer {
    uint64_t seq;
    const std::string &device;
    const std::string &port;
    bool is_write;
    const uint8_t *data;
    uint32_t bytes;
    bool packet_end;
    trapline_v1_Status status;
    uint32_t beats;
    uint64_t cycle_start, cycle_end, time_ps;
    int32_t pid;
    uint32_t tid;
    uint64_t pc;
    uint32_t stack;
    uint32_t session;
};

class AccessLog {
public:
    // An empty path makes a log that drops everything. Throws std::runtime_error if the file can't be written.
    explicit AccessLog(const std::string &path);

    // Goes on in another file, or nowhere if `path` is empty. Returns why it can't, or an empty string.
    std::string reopen(const std::string &path);

    // seq counts the completions of this model from 1. All throw std::runtime_error if the file takes no more.
    void write(uint64_t seq, const Job &job, const trapline_v1_Completion &completion);
    void write(const LoggedBurst &burst);
    void write(const LoggedTransfer &transfer);
    // Call it at the end, too: nobody hears of what can't be written after that.
    void flush();

private:
    struct Close {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    void put();
    [[noreturn]] void fail();

    std::string path_;
    std::string line_; // under way, and its memory kept for the next one
    std::unique_ptr<std::FILE, Close> file_;
    bool dirty_ = false;
};
