// SPDX-License-Identifier: Apache-2.0
// How a program of the benchmark tells what it measured: median, the value that 99 of 100 stay below, and mean.
#ifndef SPREAD_H
#define SPREAD_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double ns_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static inline int spread_compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

// One line: NAME MEDIAN P99 MEAN. Sorts the values.
static inline void spread_print(const char *name, double *values, size_t count)
{
    double sum = 0;
    qsort(values, count, sizeof *values, spread_compare);
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    printf("%s %.1f %.1f %.1f\n", name, values[count / 2], values[count - 1 - count / 100], sum / (double)count);
}
#endif
