// SPDX-License-Identifier: Apache-2.0
// A library that loads others by their bare names, from where it lies itself (its DT_RUNPATH).
#include <dlfcn.h>
#include <stddef.h>

void *find(const char *name);

void *find(const char *name)
{
    void *found = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    __asm__ volatile("" : "+r"(found)); // so that this is who calls it, not a place that jumps there
    return found;
}
