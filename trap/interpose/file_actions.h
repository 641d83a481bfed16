/* SPDX-License-Identifier: Apache-2.0
 *
 * File actions of posix_spawn(3) that open a device. libc's child opens with all signals blocked, when no filter may
 * stop it (net/places.h); so a device is opened before, and the child puts it where it belongs.
 */
#ifndef TRAPLINE_INTERPOSE_FILE_ACTIONS_H
#define TRAPLINE_INTERPOSE_FILE_ACTIONS_H

#include <spawn.h>
#include <stddef.h>

/* What was taken for that. */
struct file_actions {
    struct {
        void *start;
        size_t bytes;
    } plain, wide;
    int *opened;
    int count;
};

/* Changes a copy of what the host has given, which is used once, so that it opens no device. 0, or what posix_spawn
 * returns then: the errno of what fails in the child. To be given back in both cases. */
int file_actions_prepare(struct file_actions *taken, posix_spawn_file_actions_t *copy);
void file_actions_give_back(struct file_actions *taken);

#endif
