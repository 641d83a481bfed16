// SPDX-License-Identifier: Apache-2.0
// Which forms this processor has.
#ifndef FEATURE_H
#define FEATURE_H

#include <stdbool.h>

// `name` as in the tables, e.g. "avx2". Ends the program on a name it does not know, so that no form is skipped
// for a typing mistake.
bool feature_present(const char *name);
#endif
