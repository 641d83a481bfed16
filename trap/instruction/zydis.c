/* SPDX-License-Identifier: Apache-2.0 */
#include "zydis.h"

#define ZYDIS_STATIC_BUILD
#include <Zydis/Decoder.h>
#include <Zydis/Formatter.h>
#include <assert.h>
#include <elf.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "zydis_places.h"
#include "ground/signal_safe.h"

extern uint8_t zydis_image[];
extern void __stack_chk_fail(void);

/* Who links it writes what any other would, so nobody waits: a thread may be stopped in the midst of it for ever, in a
 * child with the memory of its parent. */
static atomic_bool is_linked;

/* All that Zydis asks of others. */
static uint64_t import(const char *name)
{
    const struct {
        const char *name;
        uint64_t address;
    } known[] = {
        {"memcpy", (uint64_t)memcpy},
        {"memset", (uint64_t)memset},
        {"strlen", (uint64_t)strlen},
        {"__assert_fail", (uint64_t)__assert_fail},
        {"__stack_chk_fail", (uint64_t)__stack_chk_fail},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].address;
    report_fatal("Zydis asks for %s, which the agent does not have; the host is ended", name);
}

static void protect(const Elf64_Phdr *part, unsigned protection)
{
    uint64_t start = page_of(part->p_vaddr), end = page_up(part->p_vaddr + part->p_memsz);
    if (raw_syscall(SYS_mprotect, zydis_image + start, end - start, protection) < 0)
        report_fatal(
            "the kernel lets no more code be made runnable here, so nothing can be decoded; the host is ended");
}

static void protect_all(bool is_executable)
{
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(void *)zydis_image;
    const Elf64_Phdr *parts = (const Elf64_Phdr *)(void *)(zydis_image + head->e_phoff);
    for (unsigned i = 0; i < head->e_phnum; i++)
        if (parts[i].p_type == PT_LOAD && is_executable && parts[i].p_flags & PF_X)
            protect(&parts[i], PROT_READ | PROT_EXEC);
        else if (parts[i].p_type == PT_LOAD && !is_executable && parts[i].p_flags & PF_W)
            protect(&parts[i], PROT_READ | PROT_WRITE);
}

static const Elf64_Dyn *dynamic(void)
{
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)(void *)zydis_image;
    const Elf64_Phdr *part = (const Elf64_Phdr *)(void *)(zydis_image + head->e_phoff);
    while (part->p_type != PT_DYNAMIC)
        part++;
    return (const Elf64_Dyn *)(void *)(zydis_image + part->p_vaddr);
}

/* 0 if there is none. */
static uint64_t value_of(Elf64_Sxword tag)
{
    for (const Elf64_Dyn *entry = dynamic(); entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == tag)
            return entry->d_un.d_val;
    return 0;
}

static uint64_t symbol(uint64_t index)
{
    const Elf64_Sym *symbol = (const Elf64_Sym *)(void *)(zydis_image + value_of(DT_SYMTAB)) + index;
    if (symbol->st_shndx != SHN_UNDEF)
        return (uint64_t)zydis_image + symbol->st_value;
    bool is_needed = ELF64_ST_BIND(symbol->st_info) != STB_WEAK;
    return is_needed ? import((const char *)zydis_image + value_of(DT_STRTAB) + symbol->st_name) : 0;
}

/* System V ABI, AMD64 supplement, 4.4.1. */
static void relocate(uint64_t table, uint64_t bytes)
{
    const Elf64_Rela *entry = (const Elf64_Rela *)(void *)(zydis_image + table);
    for (; bytes >= sizeof *entry; bytes -= sizeof *entry, entry++) {
        uint64_t value, type = ELF64_R_TYPE(entry->r_info), addend = (uint64_t)entry->r_addend;
        if (type == R_X86_64_RELATIVE)
            value = (uint64_t)zydis_image + addend;
        else if (type == R_X86_64_64 || type == R_X86_64_GLOB_DAT || type == R_X86_64_JUMP_SLOT)
            value = symbol(ELF64_R_SYM(entry->r_info)) + addend;
        else
            report_fatal("Zydis is linked as the agent does not know (%u); the host is ended", type);
        memcpy(zydis_image + entry->r_offset, &value, sizeof value);
    }
}

/* Its initialisers do nothing. */
void zydis_prepare(void)
{
    if (atomic_load_explicit(&is_linked, memory_order_acquire))
        return;
    protect_all(false);
    relocate(value_of(DT_RELA), value_of(DT_RELASZ));
    relocate(value_of(DT_JMPREL), value_of(DT_PLTRELSZ));
    protect_all(true);
    atomic_store_explicit(&is_linked, true, memory_order_release);
}

static void *function(uint64_t place)
{
    zydis_prepare();
    return zydis_image + place;
}

#define ITS(name) (*(__typeof__(name) *)function(PLACE_##name))

ZyanStatus ZydisDecoderInit(ZydisDecoder *decoder, ZydisMachineMode machine_mode, ZydisStackWidth stack_width)
{
    return ITS(ZydisDecoderInit)(decoder, machine_mode, stack_width);
}

ZyanStatus ZydisDecoderEnableMode(ZydisDecoder *decoder, ZydisDecoderMode mode, ZyanBool enabled)
{
    return ITS(ZydisDecoderEnableMode)(decoder, mode, enabled);
}

ZyanStatus ZydisDecoderDecodeInstruction(const ZydisDecoder *decoder, ZydisDecoderContext *context, const void *buffer,
                                         ZyanUSize length, ZydisDecodedInstruction *instruction)
{
    return ITS(ZydisDecoderDecodeInstruction)(decoder, context, buffer, length, instruction);
}

ZyanStatus ZydisDecoderDecodeFull(const ZydisDecoder *decoder, const void *buffer, ZyanUSize length,
                                  ZydisDecodedInstruction *instruction,
                                  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT])
{
    return ITS(ZydisDecoderDecodeFull)(decoder, buffer, length, instruction, operands);
}

ZyanStatus ZydisFormatterInit(ZydisFormatter *formatter, ZydisFormatterStyle style)
{
    return ITS(ZydisFormatterInit)(formatter, style);
}

ZyanStatus ZydisFormatterFormatInstruction(const ZydisFormatter *formatter, const ZydisDecodedInstruction *instruction,
                                           const ZydisDecodedOperand *operands, ZyanU8 operand_count, char *buffer,
                                           ZyanUSize length, ZyanU64 runtime_address, void *user_data)
{
    return ITS(ZydisFormatterFormatInstruction)(formatter, instruction, operands, operand_count, buffer, length,
                                                runtime_address, user_data);
}

ZydisRegisterWidth ZydisRegisterGetWidth(ZydisMachineMode mode, ZydisRegister reg)
{
    return ITS(ZydisRegisterGetWidth)(mode, reg);
}

ZydisRegister ZydisRegisterGetLargestEnclosing(ZydisMachineMode mode, ZydisRegister reg)
{
    return ITS(ZydisRegisterGetLargestEnclosing)(mode, reg);
}

ZyanI8 ZydisRegisterGetId(ZydisRegister reg)
{
    return ITS(ZydisRegisterGetId)(reg);
}

ZydisRegisterClass ZydisRegisterGetClass(ZydisRegister reg)
{
    return ITS(ZydisRegisterGetClass)(reg);
}
