// SPDX-License-Identifier: Apache-2.0

#include "options.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>

#include "trapline/v1/model.pb.h"

const char *const kChannelNames[kChannels] = {"aw", "w", "b", "ar", "r", "t"};

namespace {

// What Hello has room for; texts end in a zero.
using Hello = trapline_v1_Hello;
constexpr size_t kMaxPorts = sizeof(Hello::ports) / sizeof(Hello::ports[0]);
constexpr size_t kMaxName = sizeof(Hello::ports[0]) - 1;
constexpr size_t kMaxMemories = sizeof(Hello::memories) / sizeof(Hello::memories[0]);
constexpr size_t kMaxMemoryName = sizeof(Hello::memories[0]) - 1;
constexpr size_t kMaxInterrupts = sizeof(Hello::interrupts) / sizeof(Hello::interrupts[0]);
constexpr size_t kMaxClocks = 16;
// More would only make runs long: at 90 a channel is held back for ten cycles on average.
constexpr uint64_t kMaxStall = 90;

uint64_t to_number(const std::string &flag, const std::string &text, uint64_t least)
{
    char *end = nullptr;
    errno = 0;
    const uint64_t value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || text[0] == '-' || *end != '\0' || errno != 0 || value < least) {
        throw std::invalid_argument(flag + " takes a decimal number of at least " + std::to_string(least) + ", not '" +
                                    text + "'");
    }
    return value;
}

// PERIOD,PHASE,CYCLES: a further clock.
ClockOptions to_clock(const std::string &flag, const std::string &text)
{
    const size_t first = text.find(',');
    const size_t second = first == std::string::npos ? first : text.find(',', first + 1);
    if (second == std::string::npos) {
        throw std::invalid_argument(flag + " takes PERIOD,PHASE,RESET-CYCLES, not '" + text + "'");
    }
    const ClockOptions clock{to_number(flag, text.substr(0, first), 2),
                             to_number(flag, text.substr(first + 1, second - first - 1), 0),
                             to_number(flag, text.substr(second + 1), 0)};
    if (clock.phase_ps >= clock.period_ps)
        throw std::invalid_argument(flag + " " + text + ": the phase is not below the period");
    return clock;
}

// PERCENT for all channels, or CHANNEL=PERCENT for one.
void set_stall(Stalls &stalls, const std::string &flag, const std::string &text)
{
    const size_t equals = text.find('=');
    const uint64_t percent = to_number(flag, equals == std::string::npos ? text : text.substr(equals + 1), 0);
    if (percent > kMaxStall)
        throw std::invalid_argument(flag + " takes at most 90 percent, not " + text);
    if (equals == std::string::npos) {
        stalls.fill(percent);
        return;
    }
    const auto *name = std::find(kChannelNames, kChannelNames + kChannels, text.substr(0, equals));
    if (name == kChannelNames + kChannels) {
        throw std::invalid_argument(flag + " " + text + " names no channel: aw, w, b, ar, r and t are possible");
    }
    stalls[static_cast<size_t>(name - kChannelNames)] = percent;
}

// NAME=BYTES. A name has no '=' in it, for it is a prefix of Verilog identifiers.
std::pair<std::string, uint64_t> to_stream(const std::string &flag, const std::string &text)
{
    const size_t equals = text.rfind('=');
    if (equals == std::string::npos)
        throw std::invalid_argument(flag + " takes NAME=BYTES, not '" + text + "'");
    return {text.substr(0, equals), to_number(flag, text.substr(equals + 1), 0)};
}

void check_names(const std::string &flag, const std::vector<std::string> &names, size_t limit,
                 size_t longest = kMaxName)
{
    if (names.size() > limit) {
        throw std::invalid_argument(flag + " is given too often: " + std::to_string(limit) + " is the limit");
    }
    for (const auto &name : names) {
        if (name.size() > longest) {
            throw std::invalid_argument(flag + " '" + name + "' is longer than " + std::to_string(longest) + " bytes");
        }
    }
}

void validate(const Options &options)
{
    if (options.link_fd < 0)
        throw std::invalid_argument("--link-fd is missing: give the descriptor of the bridge's socket");
    if (options.ports.empty() && options.streams.empty()) {
        throw std::invalid_argument("--port is missing: name at least one port, or --stream");
    }
    std::vector<std::string> streams;
    for (const auto &stream : options.streams)
        streams.push_back(stream.first);
    check_names("--stream", streams, kMaxPorts);
    if (options.clocks.size() > kMaxClocks) {
        throw std::invalid_argument("--clock is given too often: " + std::to_string(kMaxClocks) +
                                    " clocks are the limit");
    }
    check_names("--port", options.ports, kMaxPorts);
    check_names("--manager", options.managers, kMaxPorts);
    check_names("--interrupt", options.interrupts, kMaxInterrupts);
    check_names("--memory", options.memories, kMaxMemories, kMaxMemoryName);
    if (options.trace_at_start && options.trace.empty()) {
        throw std::invalid_argument("--trace-at-start needs --trace FILE");
    }
}

} // namespace

Options parse_options(int argc, char **argv)
{
    Options options;
    auto number = [](uint64_t &target, uint64_t least) {
        return [&target, least](const std::string &flag, const std::string &text) {
            target = to_number(flag, text, least);
        };
    };
    std::vector<ClockOptions> further_clocks;
    const std::map<std::string, std::function<void(const std::string &, const std::string &)>> with_value = {
        {"--link-fd", [&](auto &flag, auto &text) { options.link_fd = static_cast<int>(to_number(flag, text, 0)); }},
        {"--seed", number(options.seed, 0)},
        {"--max-cycles", number(options.max_cycles, 1)},
        {"--min-cycles", number(options.min_cycles, 0)},
        {"--reset-cycles", number(options.clocks.front().reset_cycles, 1)},
        {"--period-ps", number(options.clocks.front().period_ps, 2)},
        {"--clock", [&](auto &flag, auto &text) { further_clocks.push_back(to_clock(flag, text)); }},
        {"--port", [&](auto &, auto &text) { options.ports.push_back(text); }},
        {"--stream", [&](auto &flag, auto &text) { options.streams.push_back(to_stream(flag, text)); }},
        {"--interrupt", [&](auto &, auto &text) { options.interrupts.push_back(text); }},
        {"--memory", [&](auto &, auto &text) { options.memories.push_back(text); }},
        {"--manager", [&](auto &, auto &text) { options.managers.push_back(text); }},
        {"--stall", [&](auto &flag, auto &text) { set_stall(options.stalls, flag, text); }},
        {"--log", [&](auto &, auto &text) { options.log = text; }},
        {"--events", [&](auto &, auto &text) { options.events = text; }},
        {"--coverage", [&](auto &, auto &text) { options.coverage = text; }},
        {"--trace", [&](auto &, auto &text) { options.trace = text; }},
    };

    for (int i = 1; i < argc; ++i) {
        const std::string flag = argv[i];
        if (flag == "--trace-at-start") {
            options.trace_at_start = true;
            continue;
        }
        const auto entry = with_value.find(flag);
        if (entry == with_value.end())
            throw std::invalid_argument("unknown argument '" + flag + "'");
        if (++i == argc)
            throw std::invalid_argument(flag + " needs a value");
        entry->second(flag, argv[i]);
    }
    options.clocks.insert(options.clocks.end(), further_clocks.begin(), further_clocks.end());
    validate(options);
    return options;
}
