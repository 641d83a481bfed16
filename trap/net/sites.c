/* SPDX-License-Identifier: Apache-2.0 */
#include "sites.h"

#include <Zydis/Decoder.h>
#include <string.h>
#include <sys/syscall.h>

/* `syscall` (Intel SDM volume 2, SYSCALL). */
static const uint8_t instruction[] = {0x0f, 0x05};
enum { LENGTH = sizeof instruction };

/* Code is decoded from so many places ahead of what may be an instruction, from so far before it: in x86 code that
 * falls into step soon, wherever it begins. Of libc's 526 all are met from every place, of the pairs of these two bytes
 * within other instructions none is. */
enum { PLACES = 8, AHEAD = 32 };

static bool leads_to(const ZydisDecoder *decoder, const uint8_t *from, const uint8_t *at, const uint8_t *end)
{
    ZydisDecodedInstruction decoded;
    ZydisDecoderContext context;
    while (from < at) {
        bool is_one = ZYAN_SUCCESS(
            ZydisDecoderDecodeInstruction(decoder, &context, from, (ZyanUSize)(end - from), &decoded));
        from += is_one ? decoded.length : 1;
    }
    return from == at;
}

static bool is_instruction(const uint8_t *start, const uint8_t *at, const uint8_t *end)
{
    ZydisDecoder decoder;
    if (at - start < PLACES + AHEAD ||
        !ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
        return true;
    ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE);
    for (int i = 0; i < PLACES; i++)
        if (leads_to(&decoder, at - AHEAD - i, at, end))
            return true;
    return false;
}

/* By the rarer byte of the two, which memchr finds faster than memmem a pair. */
void sites_find(struct filter_range text, struct sites *sites)
{
    const uint8_t *start = (const uint8_t *)text.start, *at = start + 1, *end = (const uint8_t *)text.end;
    while (at < end && (at = memchr(at, instruction[1], (size_t)(end - at))) != NULL) {
        at++;
        if (at[-LENGTH] != instruction[0] || !is_instruction(start, at - LENGTH, end))
            continue;
        if (sites->count < SITES_FEW)
            sites->first[sites->count] = (uint64_t)at;
        sites->count++;
    }
}

void sites_find_mapping(struct filter_range text, struct sites *sites)
{
    static const uint8_t call[] = {0xb8, SYS_mmap, 0, 0, 0, 0x0f, 0x05};
    enum { CALL = sizeof call, NUMBER = 1 };
    const uint8_t *at = (const uint8_t *)text.start + CALL - 1, *end = (const uint8_t *)text.end;
    bool has_mmap = false;
    while (at < end && (at = memchr(at, call[CALL - 1], (size_t)(end - at))) != NULL) {
        const uint8_t *start = ++at - CALL;
        bool is_call = start[0] == call[0] && memcmp(start + 2, call + 2, CALL - 2) == 0;
        if (!is_call || (start[NUMBER] != SYS_mmap && start[NUMBER] != SYS_mprotect) || sites->count == SITES_FEW)
            continue;
        sites->first[sites->count++] = (uint64_t)at;
        has_mmap = has_mmap || start[NUMBER] == SYS_mmap;
    }
    if (!has_mmap)
        sites->count = 0;
}
