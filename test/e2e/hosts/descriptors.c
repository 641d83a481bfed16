// SPDX-License-Identifier: Apache-2.0
// Tells which descriptors it was started with.
#include <fcntl.h>
#include <stdio.h>

enum { MOST = 64 };

int main(void)
{
    for (int i = 0; i < MOST; i++)
        if (fcntl(i, F_GETFD) >= 0)
            printf("%d ", i);
    printf("\n");
    return 0;
}
