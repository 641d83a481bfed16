// SPDX-License-Identifier: Apache-2.0

#include "event_log.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <stdexcept>

#include "job.h"

EventLog::EventLog(const std::string &path) : file_(path.empty() ? nullptr : std::fopen(path.c_str(), "we"))
{
    if (!path.empty() && !file_)
        throw std::runtime_error("cannot write the events " + path + ": " + std::strerror(errno));
}

void EventLog::interrupt(const std::string &line, bool level, uint64_t time_ps)
{
    if (!file_)
        return;
    std::fprintf(file_.get(), "{\"kind\":\"interrupt\",\"line\":\"%s\",\"level\":%s,\"timePs\":\"%" PRIu64 "\"}\n",
                 json_escaped(line).c_str(), level ? "true" : "false", time_ps);
}

void EventLog::burst(const std::string &port, bool write, uint64_t address, uint64_t bytes, uint64_t begin_ps,
                     uint64_t end_ps)
{
    if (!file_)
        return;
    std::fprintf(file_.get(),
                 "{\"kind\":\"burst\",\"port\":\"%s\",\"op\":\"%s\",\"address\":\"0x%" PRIx64 "\",\"bytes\":%" PRIu64
                 ",\"beginPs\":\"%" PRIu64 "\",\"endPs\":\"%" PRIu64 "\"}\n",
                 json_escaped(port).c_str(), write ? "write" : "read", address, bytes, begin_ps, end_ps);
}
