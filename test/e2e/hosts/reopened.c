// SPDX-License-Identifier: Apache-2.0
// reopened PATH: stdout becomes the device and is written, stdin becomes it and is read.
#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char bytes[5] = "";
    if (argc != 2 || freopen(argv[1], "w", stdout) == NULL || fwrite("abcd", 1, 4, stdout) != 4 || fflush(stdout) != 0)
        return fprintf(stderr, "stdout: %s\n", strerror(errno)), 1;
    if (freopen(argv[1], "r", stdin) == NULL || fread(bytes, 1, 4, stdin) != 4)
        return fprintf(stderr, "stdin: %s\n", strerror(errno)), 1;
    fprintf(stderr, "reopened: %s, then '%c'\n", bytes, fseek(stdin, 1, SEEK_SET) == 0 ? getchar() : '?');
    return 0;
}
