// SPDX-License-Identifier: Apache-2.0
#include "exclusion.h"

#include "code32.h"

static const char *by_isa_set(ZydisISASet set)
{
    switch (set) {
    case ZYDIS_ISA_SET_XSAVE:
    case ZYDIS_ISA_SET_XSAVEC:
    case ZYDIS_ISA_SET_XSAVEOPT:
    case ZYDIS_ISA_SET_XSAVES:
    case ZYDIS_ISA_SET_FXSAVE:
    case ZYDIS_ISA_SET_FXSAVE64:
        return "saves processor state; refused on a window";
    case ZYDIS_ISA_SET_MPX:
        return "MPX: processors without it run these as nops";
    case ZYDIS_ISA_SET_CET:
        return "shadow stacks need set-up by the kernel";
    case ZYDIS_ISA_SET_AMX_TILE:
        return "AMX tiles need set-up by the kernel";
    case ZYDIS_ISA_SET_ENQCMD:
        return "needs a device with a work queue";
    case ZYDIS_ISA_SET_VTX:
    case ZYDIS_ISA_SET_SVM:
    case ZYDIS_ISA_SET_SGX:
    case ZYDIS_ISA_SET_SMX:
        return "virtual machines and enclaves";
    case ZYDIS_ISA_SET_KEYLOCKER:
    case ZYDIS_ISA_SET_KEYLOCKER_WIDE:
        return "Key Locker needs a key loaded by the kernel";
    case ZYDIS_ISA_SET_PADLOCK_ACE:
    case ZYDIS_ISA_SET_PADLOCK_PHE:
    case ZYDIS_ISA_SET_PADLOCK_PMM:
    case ZYDIS_ISA_SET_PADLOCK_RNG:
        return "VIA PadLock";
    case ZYDIS_ISA_SET_MONITOR:
    case ZYDIS_ISA_SET_MONITORX:
    case ZYDIS_ISA_SET_WAITPKG:
        return "arms a monitor, no access";
    case ZYDIS_ISA_SET_CLZERO:
        return "a cache line by an implied address; refused on a window";
    case ZYDIS_ISA_SET_LWP:
    case ZYDIS_ISA_SET_UINTR:
    case ZYDIS_ISA_SET_PT:
        return "needs set-up by the kernel";
    default:
        return NULL;
    }
}

static const char *by_mnemonic(const struct decoded *decoded)
{
    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_SGDT:
    case ZYDIS_MNEMONIC_SIDT:
    case ZYDIS_MNEMONIC_SLDT:
    case ZYDIS_MNEMONIC_STR:
    case ZYDIS_MNEMONIC_SMSW:
        return "the kernel forbids or emulates it (UMIP)";
    case ZYDIS_MNEMONIC_LGDT:
        return "privileged";
    case ZYDIS_MNEMONIC_LEAVE:
    case ZYDIS_MNEMONIC_ENTER:
        return "a stack inside a window is refused";
    case ZYDIS_MNEMONIC_LSS:
    case ZYDIS_MNEMONIC_LFS:
    case ZYDIS_MNEMONIC_LGS:
    case ZYDIS_MNEMONIC_LDS:
    case ZYDIS_MNEMONIC_LES:
        return "loads a segment register";
    case ZYDIS_MNEMONIC_INSB:
    case ZYDIS_MNEMONIC_INSW:
    case ZYDIS_MNEMONIC_INSD:
    case ZYDIS_MNEMONIC_OUTSB:
    case ZYDIS_MNEMONIC_OUTSW:
    case ZYDIS_MNEMONIC_OUTSD:
        return "port I/O";
    case ZYDIS_MNEMONIC_ARPL:
    case ZYDIS_MNEMONIC_BOUND:
        return "not in 64-bit code, where copies run; refused";
    case ZYDIS_MNEMONIC_MOV:
        if (code32_is_used() && decoded->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(decoded->operands[1].reg.value) == ZYDIS_REGCLASS_SEGMENT)
            return "of 32-bit code's own CS; refused";
        return ZydisRegisterGetClass(decoded->operands[0].reg.value) == ZYDIS_REGCLASS_SEGMENT &&
                       decoded->operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER
                   ? "loads a segment register"
                   : NULL;
    case ZYDIS_MNEMONIC_MOVSXD:
        return decoded->instruction.operand_width == 16 ? "to 16 bits: Intel reads two bytes, AMD four; refused" : NULL;
    case ZYDIS_MNEMONIC_CALL:
    case ZYDIS_MNEMONIC_JMP:
        return decoded->instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR ? "far branch"
               : decoded->instruction.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE
                   ? "66h on a near branch: Intel and AMD differ"
                   : NULL;
    default:
        return NULL;
    }
}

const char *exclusion_reason(const struct decoded *decoded)
{
    if (decoded->instruction.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED)
        return "privileged";
    const char *reason = by_isa_set(decoded->instruction.meta.isa_set);
    return reason != NULL ? reason : by_mnemonic(decoded);
}
