/* SPDX-License-Identifier: Apache-2.0
 *
 * Unwinders (libgcc's, which is behind exceptions and backtrace(3) too) ask the dynamic linker in which file an address
 * is; it knows nothing of trampolines (patch/unwind.h). They may ask from a signal handler.
 */
#include "unwind.h"

#include "ground/real.h"
#include "patch/patch.h"
#include "patch/trampoline.h"

INTERPOSED int _dl_find_object(void *address, struct dl_find_object *result)
{
    int (*find)(void *, struct dl_find_object *) = REAL(_dl_find_object);
    if (find == NULL)
        return -1;
    if (find(address, result) == 0)
        return 0;
    const struct patch *patch = patch_of_trampoline((uint64_t)address);
    /* All else is as of ourselves. */
    if (patch == NULL || find((void *)unwind_init, result) != 0)
        return -1;
    result->dlfo_map_start = (void *)patch->trampoline;
    result->dlfo_map_end = (void *)(patch->trampoline + TRAMPOLINE_SIZE);
    result->dlfo_eh_frame = (void *)patch_unwinding(patch);
    return 0;
}

void unwind_init(void)
{
    struct dl_find_object unused;
    _dl_find_object((void *)unwind_init, &unused);
}
