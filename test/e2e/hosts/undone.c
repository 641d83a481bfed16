// SPDX-License-Identifier: Apache-2.0
// undone PATH…: opens a stream on each device and then opens it anew in the same stream, which hardware can and
// Trapline can't. Prints what became of it, and ends well.
#include <stdio.h>
#include <string.h>
#include "device.h"

static void buffer_in(const char *path)
{
    char *device = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open(path, O_RDWR), 0);
    FILE *stream = fopen("/proc/self/stat", "r");
    int result = setvbuf(stream, device, _IOFBF, 1024);
    printf("%s, then %s\n", result == 0 ? "taken" : strerrorname_np(errno), fgetc(stream) != EOF ? "read" : "not read");
}

int main(int count, char **paths)
{
    if (count == 3 && strcmp(paths[1], "buffer") == 0) {
        buffer_in(paths[2]);
        return 0;
    }
    for (int i = 1; i < count; i++) {
        FILE *stream = fopen(paths[i], "r");
        FILE *anew = freopen(paths[i], "r", stream);
        printf("%s\n", anew == NULL ? strerrorname_np(errno) : "anew");
    }
    return 0;
}
