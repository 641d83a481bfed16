// SPDX-License-Identifier: Apache-2.0
// undone PATH…: opens a stream on each device and then opens it anew in the same stream, which hardware can and
// Trapline can't. Prints what became of it, and ends well.
#include <stdio.h>
#include "device.h"

int main(int count, char **paths)
{
    for (int i = 1; i < count; i++) {
        FILE *stream = fopen(paths[i], "r");
        FILE *anew = freopen(paths[i], "r", stream);
        printf("%s\n", anew == NULL ? strerrorname_np(errno) : "anew");
    }
    return 0;
}
