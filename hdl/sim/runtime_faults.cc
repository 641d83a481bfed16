// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of the runtime's vl_fatal, vl_stop and vl_finish, which would end the process on the spot: they
// record here, and the model unwinds at the boundary of the evaluation.

#include "fault.h"

#include <verilated.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "printing.h"

namespace {

// The last text printed with one of the severities that stop a run.
std::string last_error;

const std::string kErrorMark = "%Error: ";
const std::string kFatalMark = "%Fatal: ";
// $fatal and $error in plain code are called failed assertions, too, and Verilator 5.006 prints $fatal as %Error.
const std::string kScopeMark = "Assertion failed in ";
const std::string kHarnessScope = "trapline_top.";

std::string or_nothing(const char *text)
{
    return text ? text : "";
}

// Where the severity stands in a printed text, which may begin with "[time] "; npos if it has none that stops a run.
size_t find_severity(const std::string &text)
{
    const size_t start = !text.empty() && text[0] == '[' ? text.find("] ") + 2 : 0;
    const bool stops = start < text.size() && (text.compare(start, kErrorMark.size(), kErrorMark) == 0 ||
                                               text.compare(start, kFatalMark.size(), kFatalMark) == 0);
    return stops ? start : std::string::npos;
}

std::string base_name(const std::string &path)
{
    return path.substr(path.rfind('/') + 1);
}

// "Assertion failed in TOP.trapline_top.dut.fifo: overflow" becomes "overflow (in dut.fifo)".
std::string without_scope_mark(const std::string &text)
{
    const size_t colon = text.find(": ");
    if (text.compare(0, kScopeMark.size(), kScopeMark) != 0 || colon == std::string::npos)
        return text;
    std::string scope = text.substr(kScopeMark.size(), colon - kScopeMark.size());
    const size_t harness = scope.find(kHarnessScope);
    if (harness != std::string::npos)
        scope.erase(0, harness + kHarnessScope.size());
    return text.substr(colon + 2) + " (in " + scope + ")";
}

// A text belongs to the stop that follows it if it names the same line: "[90] %Error: fifo.sv:12: …".
Fault fault_from_last_error(const std::string &file, int line)
{
    const size_t severity = find_severity(last_error);
    const std::string place = base_name(file) + ":" + std::to_string(line) + ": ";
    const size_t found = last_error.find(place);
    if (severity == std::string::npos || found == std::string::npos) {
        return {"stop", "$stop was called", file, static_cast<uint32_t>(line)};
    }
    const bool fatal = last_error.compare(severity, kFatalMark.size(), kFatalMark) == 0;
    std::string message = last_error.substr(found + place.size());
    message.erase(message.find_last_not_of(" .\n") + 1);
    return {fatal ? "fatal" : "assertion", without_scope_mark(message), file, static_cast<uint32_t>(line)};
}

} // namespace

int trapline_printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = nullptr;
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return length;
    const std::string printed(text, static_cast<size_t>(length));
    std::free(text);
    std::fputs(printed.c_str(), stdout);
    if (find_severity(printed) != std::string::npos)
        last_error = printed;
    return length;
}

void vl_stop(const char *file, int line, const char *)
{
    record_fault(fault_from_last_error(or_nothing(file), line));
    last_error.clear();
}

void vl_finish(const char *file, int line, const char *)
{
    record_fault({"finish", "$finish was called", or_nothing(file), static_cast<uint32_t>(line)});
}

// The runtime's own last resort, such as a design that does not settle. Its callers don't expect it to return.
void vl_fatal(const char *file, int line, const char *, const char *message)
{
    record_fault({"fatal", or_nothing(message), or_nothing(file), static_cast<uint32_t>(line)});
    throw EvaluationAborted{};
}
