// SPDX-License-Identifier: Apache-2.0
#include "enables.h"

#include <string.h>

#include "access.h"

// One bit a byte, from one bit an element.
static uint64_t bytes_of(uint64_t elements, unsigned element_width)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < 64 / element_width; i++)
        if (elements >> i & 1)
            bytes |= access_all_bytes(element_width) << i * element_width;
    return bytes;
}

static bool packs_elements(ZydisMnemonic mnemonic)
{
    const char *name = ZydisMnemonicGetString(mnemonic);
    return strstr(name, "compress") != NULL || strstr(name, "expand") != NULL;
}

static bool is_without_suppression(ZydisExceptionClass class)
{
    switch (class) {
    case ZYDIS_EXCEPTION_CLASS_E1NF:
    case ZYDIS_EXCEPTION_CLASS_E2NF:
    case ZYDIS_EXCEPTION_CLASS_E3NF:
    case ZYDIS_EXCEPTION_CLASS_E4NF:
    case ZYDIS_EXCEPTION_CLASS_E5NF:
    case ZYDIS_EXCEPTION_CLASS_E6NF:
    case ZYDIS_EXCEPTION_CLASS_E9NF:
    case ZYDIS_EXCEPTION_CLASS_E10NF:
    case ZYDIS_EXCEPTION_CLASS_E11NF:
        return true;
    default:
        return false;
    }
}

// Every element of the result depends on elements of the operand that the mask does not tell apart. Zydis gives these
// the wrong class.
static bool mixes_elements(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_VDBPSADBW:
    case ZYDIS_MNEMONIC_VGF2P8AFFINEQB:
    case ZYDIS_MNEMONIC_VGF2P8AFFINEINVQB:
    case ZYDIS_MNEMONIC_VP4DPWSSD:
    case ZYDIS_MNEMONIC_VP4DPWSSDS:
    case ZYDIS_MNEMONIC_V4FMADDPS:
    case ZYDIS_MNEMONIC_V4FNMADDPS:
    case ZYDIS_MNEMONIC_V4FMADDSS:
    case ZYDIS_MNEMONIC_V4FNMADDSS:
        return true;
    default:
        return false;
    }
}

// Loads of classes without fault suppression read the whole operand (Intel SDM volume 2, 2.8). Else an element is
// accessed if any part of the result that comes from it is wanted.
uint64_t enables_by_opmask(const struct decoded *decoded, const ZydisDecodedOperand *operand, uint64_t opmask)
{
    const ZydisDecodedInstruction *instruction = &decoded->instruction;
    uint64_t all = access_all_bytes(operand->size / 8);
    bool is_masked = instruction->avx.mask.mode == ZYDIS_MASK_MODE_MERGING ||
                     instruction->avx.mask.mode == ZYDIS_MASK_MODE_ZEROING;
    bool is_load = !(operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE);
    if (!is_masked || (is_load && (is_without_suppression(instruction->meta.exception_class) ||
                                   mixes_elements(instruction->mnemonic))))
        return all;
    unsigned in_memory = operand->element_count, width = operand->element_size / 8;
    unsigned lanes = in_memory * form_broadcast(decoded);
    opmask &= access_all_bytes(lanes);
    uint64_t elements = 0;
    for (unsigned lane = 0; lane < lanes; lane++)
        elements |= (opmask >> lane & 1) << lane % in_memory;
    if (packs_elements(instruction->mnemonic))
        elements = access_all_bytes((unsigned)__builtin_popcountll(opmask));
    return bytes_of(elements, width) & all;
}
