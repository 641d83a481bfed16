// SPDX-License-Identifier: Apache-2.0

#include "fault.h"

#include <verilated.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "printing.h"

namespace {

std::optional<Fault> first_fault;

// The last text printed with one of the severities that stop a run.
std::string last_error;

constexpr const char* kErrorMark = "%Error: ";
constexpr const char* kFatalMark = "%Fatal: ";
// $fatal and $error in plain code are called failed assertions, too.
constexpr const char* kScopeMark = "Assertion failed in ";

std::string or_nothing(const char* text) { return text ? text : ""; }

// Where the severity stands in a printed text, which may begin with "[time] "; npos if it has none that stops a run.
size_t find_severity(const std::string& text) {
  const size_t start = !text.empty() && text[0] == '[' ? text.find("] ") + 2 : 0;
  const bool stops = start < text.size() && (text.compare(start, 8, kErrorMark) == 0 ||
                                             text.compare(start, 8, kFatalMark) == 0);
  return stops ? start : std::string::npos;
}

// From "[90] %Error: fifo.sv:12: Assertion failed in top.dut.fifo: overflow\n" to
// "assertion failed in top.dut.fifo: overflow".
Fault fault_from_last_error(const std::string& file, int line) {
  const size_t severity = find_severity(last_error);
  if (severity == std::string::npos) return {"stop", "$stop was called", file, static_cast<uint32_t>(line)};
  const bool fatal = last_error.compare(severity, 8, kFatalMark) == 0;
  std::string message = last_error.substr(severity + 8);
  const std::string place = file + ":" + std::to_string(line) + ": ";
  if (message.compare(0, place.size(), place) == 0) message.erase(0, place.size());
  if (message.compare(0, 20, kScopeMark) == 0) message.replace(0, 20, fatal ? "$fatal in " : "assertion failed in ");
  message.erase(message.find_last_not_of(" \n") + 1);
  return {fatal ? "fatal" : "assertion", message, file, static_cast<uint32_t>(line)};
}

}  // namespace

void record_fault(const Fault& fault) {
  if (!first_fault) first_fault = fault;
}

const Fault* recorded_fault() { return first_fault ? &*first_fault : nullptr; }

int trapline_printf(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char* text = nullptr;
  const int length = vasprintf(&text, format, arguments);
  va_end(arguments);
  if (length < 0) return length;
  const std::string printed(text, static_cast<size_t>(length));
  std::free(text);
  std::fputs(printed.c_str(), stdout);
  if (find_severity(printed) != std::string::npos) last_error = printed;
  return length;
}

void vl_stop(const char* file, int line, const char*) {
  record_fault(fault_from_last_error(or_nothing(file), line));
  last_error.clear();
}

void vl_finish(const char* file, int line, const char*) {
  record_fault({"finish", "$finish was called", or_nothing(file), static_cast<uint32_t>(line)});
}

// The runtime's own last resort, such as a design that does not settle. Its callers don't expect it to return.
void vl_fatal(const char* file, int line, const char*, const char* message) {
  record_fault({"fatal", or_nothing(message), or_nothing(file), static_cast<uint32_t>(line)});
  throw EvaluationAborted{};
}
