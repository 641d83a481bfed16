// SPDX-License-Identifier: Apache-2.0
// Messages that are almost right: each field, by its descriptor, now and then holds what its type allows and no bridge
// should say. New fields of proto/ are drawn without being named here.
#ifndef DRAW_H
#define DRAW_H

#include <pb.h>

#include "script.h"

struct draw {
    struct random *random;
    // One field in so many is drawn, the others are as in the message; 0: none is.
    unsigned one_in;
};

// One of the numbers at which things break, or one near `right`.
uint64_t draw_number(struct random *random, uint64_t right);

// Appends `message`, encoded.
void draw_message(struct chunk *to, const pb_msgdesc_t *fields, const void *message, const struct draw *draw);
#endif
