// SPDX-License-Identifier: Apache-2.0
//
// Where the runtime prints: model.mk compiles it with VL_PRINTF set to this function. The text goes to stdout and is
// remembered for the fault that may follow it, since $fatal and assertions print their message first and stop then.

#pragma once

int trapline_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
