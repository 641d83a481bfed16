/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.h"

#include <asm/prctl.h>
#include <cpuid.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#include "ground/raw_syscall.h"
#include "ground/second_world.h"
#include "ground/signal_safe.h"

/* State components (Intel SDM Vol. 1, 13.1). PKRU and AMX tiles stay as they are: no trapped instruction needs them. */
enum { X87 = 0, SSE = 1, AVX = 2, OPMASK = 5, ZMM_HI256 = 6, HI16_ZMM = 7 };
#define USED_COMPONENTS 0xe7u

/* Legacy region and header of the image (Intel SDM Vol. 1, 13.4.1, 13.4.2); software bytes: kernel asm/sigcontext.h. */
enum {
    FOP_OFFSET = 6,
    FIP_OFFSET = 8,
    FDP_OFFSET = 16,
    ST0_OFFSET = 32,
    XMM0_OFFSET = 160,
    SOFTWARE_OFFSET = 464,
    HEADER_OFFSET = 512,
    OWN_IMAGE = 4096
};
/* Invalid, denormal, divide, overflow, underflow (Intel SDM Vol. 1, 8.1.3, 8.5). */
#define X87_KEEPS_RESULT 0x1fu
#define SOFTWARE_MAGIC 0x46505853u

/* The kernel's selectors for code of 32 bits and for data, which begin at 0 and end nowhere (its asm/segment.h);
 * REG_CSGSFS holds those of CS, GS, FS and SS. */
enum { CODE32_SELECTOR = 0x23, FLAT_SELECTOR = 0x2b };

/* Kernels before 5.14 do not say how large a frame is. */
enum { OLDEST_FRAME = 4096 };

struct software_bytes {
    uint32_t magic;
    uint32_t extended_size;
    uint64_t features;
    uint32_t xstate_size;
};

static uint32_t component_offset[8] = {[AVX] = 576}; /* 0: not asked yet */
static bool has_fsgsbase;
static uint64_t frame_bytes;

static const int greg_of[REGISTER_COUNT] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                            REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

void registers_init(void)
{
    has_fsgsbase = getauxval(AT_HWCAP2) & 2; /* HWCAP2_FSGSBASE */
    frame_bytes = getauxval(AT_MINSIGSTKSZ);
    frame_bytes = frame_bytes != 0 ? frame_bytes : OLDEST_FRAME;
}

uint64_t registers_get(const ucontext_t *context, unsigned number)
{
    return (uint64_t)context->uc_mcontext.gregs[greg_of[number]];
}

void registers_set(ucontext_t *context, unsigned number, uint64_t value)
{
    context->uc_mcontext.gregs[greg_of[number]] = (greg_t)value;
}

void registers_load(const ucontext_t *context, uint64_t general[REGISTER_COUNT])
{
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        general[i] = registers_get(context, i);
}

void registers_store(ucontext_t *context, const uint64_t general[REGISTER_COUNT])
{
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        registers_set(context, i, general[i]);
}

uint64_t registers_pc(const ucontext_t *context)
{
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}

static uint16_t own_code_selector(void)
{
    uint16_t selector;
    __asm__("mov %%cs, %0" : "=r"(selector));
    return selector;
}

/* The kernel leaves DS and ES to the handler as they were. */
static bool has_flat_data(const ucontext_t *context)
{
    uint16_t data, extra, stack = (uint16_t)((uint64_t)context->uc_mcontext.gregs[REG_CSGSFS] >> 48);
    __asm__ volatile("mov %%ds, %0" : "=r"(data));
    __asm__ volatile("mov %%es, %0" : "=r"(extra));
    return data == FLAT_SELECTOR && extra == FLAT_SELECTOR && stack == FLAT_SELECTOR;
}

bool registers_mode(const ucontext_t *context, enum decode_mode *mode)
{
    uint16_t code = (uint16_t)context->uc_mcontext.gregs[REG_CSGSFS];
    *mode = code == CODE32_SELECTOR ? DECODE_CODE32 : DECODE_CODE64;
    return code == own_code_selector() || (code == CODE32_SELECTOR && has_flat_data(context));
}

bool registers_is_store(const ucontext_t *context)
{
    return context->uc_mcontext.gregs[REG_ERR] & 2;
}

bool registers_is_fetch(const ucontext_t *context)
{
    return context->uc_mcontext.gregs[REG_ERR] & 16;
}

void registers_set_pc(ucontext_t *context, uint64_t pc)
{
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

uint64_t registers_flags(const ucontext_t *context)
{
    return (uint64_t)context->uc_mcontext.gregs[REG_EFL];
}

void registers_set_flags(ucontext_t *context, uint64_t flags)
{
    context->uc_mcontext.gregs[REG_EFL] = (greg_t)flags;
}

uint64_t registers_frame_bytes(void)
{
    return frame_bytes;
}

uint64_t registers_overrun_stack(const ucontext_t *context, const void *lowest)
{
    const stack_t *stack = &context->uc_stack;
    uint64_t begin = (uint64_t)stack->ss_sp;
    bool was_on_it = registers_get(context, REGISTER_RSP) - begin - 1 < stack->ss_size;
    return was_on_it && (uint64_t)lowest < begin ? stack->ss_size : 0;
}

uint64_t registers_segment_base(enum registers_segment segment)
{
    uint64_t base = 0;
    if (segment == SEGMENT_NONE)
        return 0;
    if (segment == SEGMENT_FS && second_world_is_there)
        return second_world_program_fs();
    if (!has_fsgsbase)
        raw_syscall(SYS_arch_prctl, segment == SEGMENT_FS ? ARCH_GET_FS : ARCH_GET_GS, &base);
    else if (segment == SEGMENT_FS)
        __asm__ volatile("rdfsbase %0" : "=r"(base));
    else
        __asm__ volatile("rdgsbase %0" : "=r"(base));
    return base;
}

/* In standard format, with those components alone. The caller holds the bus lock. */
static uint8_t *own_image(unsigned components)
{
    static _Alignas(64) uint8_t image[OWN_IMAGE];
    __asm__ volatile("xsave64 %0" : "+m"(image) : "a"(components), "d"(0));
    return image;
}

void *registers_xsave(const ucontext_t *context, uint64_t *components)
{
    uint8_t *image = (uint8_t *)context->uc_mcontext.fpregs;
    struct software_bytes software;
    *components = 0;
    if (image == NULL)
        return NULL;
    memcpy(&software, image + SOFTWARE_OFFSET, sizeof software);
    if (software.magic != SOFTWARE_MAGIC)
        return NULL;
    *components = software.features & USED_COMPONENTS;
    return image;
}

/* Of a component that the processor has. Asked when one is needed: in a virtual machine each question is an exit from
 * it, which programs that come to no device would pay for. */
static uint32_t offset_of(unsigned number)
{
    uint32_t eax, ebx, ecx, edx;
    if (component_offset[number] == 0 && __get_cpuid_count(0xd, number, &eax, &ebx, &ecx, &edx) && eax != 0)
        component_offset[number] = ebx;
    return component_offset[number];
}

/* Where a component's bytes are in the frame. NULL if the CPU lacks it. */
static uint8_t *component(const ucontext_t *context, unsigned number)
{
    uint64_t components;
    uint8_t *image = registers_xsave(context, &components);
    if (!(components >> number & 1))
        return NULL;
    return number <= SSE ? image : image + offset_of(number);
}

static uint64_t *state_bits(const ucontext_t *context)
{
    return (uint64_t *)((uint8_t *)context->uc_mcontext.fpregs + HEADER_OFFSET);
}

/* A component that XSTATE_BV calls initial has stale bytes in the image; its value is 0 (Intel SDM Vol. 1, 13.6). */
static void read_component(const ucontext_t *context, unsigned number, size_t offset, void *bytes, size_t count)
{
    const uint8_t *from = component(context, number);
    memset(bytes, 0, count);
    if (from != NULL && *state_bits(context) >> number & 1)
        memcpy(bytes, from + offset, count);
}

/* Room that the component takes in the image, all of it (also MXCSR stays: it is outside the SSE registers). */
static void clear_component(uint8_t *image, unsigned number)
{
    static const size_t size[8] = {[AVX] = 256, [OPMASK] = 64, [ZMM_HI256] = 512, [HI16_ZMM] = 1024};
    if (number == SSE)
        memset(image + XMM0_OFFSET, 0, 256);
    else
        memset(image, 0, size[number]);
}

static void write_component(ucontext_t *context, unsigned number, size_t offset, const void *bytes, size_t count)
{
    uint8_t *to = component(context, number);
    if (to == NULL)
        return;
    if (!(*state_bits(context) >> number & 1)) {
        clear_component(to, number);
        *state_bits(context) |= (uint64_t)1 << number;
    }
    memcpy(to + offset, bytes, count);
}

/* Of a register that masks by signs, 0 to 15; what such a mask can have. */
static void read_own_vector(unsigned number, uint8_t bytes[64])
{
    const uint8_t *image = own_image(1u << SSE | 1u << AVX);
    memset(bytes, 0, 64);
    memcpy(bytes, image + XMM0_OFFSET + number * 16, 16);
    memcpy(bytes + 16, image + offset_of(AVX) + number * 16, 16);
}

void registers_vector(const ucontext_t *context, unsigned number, uint8_t bytes[64])
{
    if (context == NULL) {
        read_own_vector(number, bytes);
        return;
    }
    if (number >= 16) {
        read_component(context, HI16_ZMM, (number - 16) * 64, bytes, 64);
        return;
    }
    read_component(context, SSE, XMM0_OFFSET + number * 16, bytes, 16);
    read_component(context, AVX, number * 16, bytes + 16, 16);
    read_component(context, ZMM_HI256, number * 32, bytes + 32, 32);
}

void registers_set_vector(ucontext_t *context, unsigned number, const uint8_t bytes[64], unsigned width)
{
    uint8_t whole[64] = {0};
    memcpy(whole, bytes, width);
    if (number >= 16) {
        write_component(context, HI16_ZMM, (number - 16) * 64, whole, 64);
        return;
    }
    write_component(context, SSE, XMM0_OFFSET + number * 16, whole, 16);
    write_component(context, AVX, number * 16, whole + 16, 16);
    write_component(context, ZMM_HI256, number * 32, whole + 32, 32);
}

uint64_t registers_opmask(const ucontext_t *context, unsigned number)
{
    uint64_t value;
    if (context == NULL)
        memcpy(&value, own_image(1u << OPMASK) + offset_of(OPMASK) + number * 8, sizeof value);
    else
        read_component(context, OPMASK, number * 8, &value, sizeof value);
    return value;
}

void registers_set_opmask(ucontext_t *context, unsigned number, uint64_t value)
{
    write_component(context, OPMASK, number * 8, &value, sizeof value);
}

uint64_t registers_mmx(const ucontext_t *context, unsigned number)
{
    /* MMX registers are physical; the image holds the stack from its top (TOP is bits 13:11 of the status word, offset
     * 2). */
    uint16_t status = 0;
    uint64_t value;
    read_component(context, X87, 2, &status, sizeof status);
    unsigned top = status >> 11 & 7;
    read_component(context, X87, ST0_OFFSET + ((number - top) & 7) * 16, &value, sizeof value);
    return value;
}

void registers_keep_control(const ucontext_t *context, void *xsave)
{
    uint64_t *bits = (uint64_t *)((uint8_t *)xsave + HEADER_OFFSET);
    memcpy(xsave, context->uc_mcontext.fpregs, XMM0_OFFSET);
    *bits = (*bits & ~(uint64_t)(1u << X87)) | (*state_bits(context) & 1u << X87);
}

void registers_patch_x87_pointers(ucontext_t *context, const struct registers_x87_pointers *ours, uint8_t modrm,
                                  uint64_t pc, uint64_t offset)
{
    uint8_t *image = component(context, X87);
    uint64_t pointer;
    if (image == NULL || !(*state_bits(context) >> X87 & 1))
        return;
    memcpy(&pointer, image + FIP_OFFSET, sizeof pointer);
    if (pointer >= ours->code_start && pointer < ours->code_end) {
        memcpy(image + FIP_OFFSET, &pc, sizeof pc);
        /* Many processors keep the opcode of none but instructions that raise (Intel SDM Vol. 1, 8.1.9.1). */
        if (image[FOP_OFFSET] == ((modrm & MODRM_REG) | MODRM_RIP_RELATIVE))
            image[FOP_OFFSET] = modrm;
    }
    memcpy(&pointer, image + FDP_OFFSET, sizeof pointer);
    if (pointer >= ours->data_start && pointer < ours->data_end)
        memcpy(image + FDP_OFFSET, &offset, sizeof offset);
}

bool registers_x87_kept_result(const ucontext_t *context)
{
    uint16_t control, status;
    read_component(context, X87, 0, &control, sizeof control);
    read_component(context, X87, 2, &status, sizeof status);
    return status & ~control & X87_KEEPS_RESULT;
}
