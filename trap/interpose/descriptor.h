/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_DESCRIPTOR_H
#define TRAPLINE_INTERPOSE_DESCRIPTOR_H

#include <stdbool.h>

/* Whether a number is that of a descriptor of the agent's, which the host does not know: asked for, it is not there. */
bool descriptor_is_ours(int descriptor);

#endif
