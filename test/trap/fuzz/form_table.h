// SPDX-License-Identifier: Apache-2.0
// Finds every form whose operands touch memory: walks all encodings and decodes them. None is listed by hand.
#ifndef FORM_TABLE_H
#define FORM_TABLE_H

#include "form.h"

// The table stays for ever; its order depends on Zydis alone.
struct form *form_table(size_t *count);
#endif
