/* SPDX-License-Identifier: Apache-2.0 */
#include "sites.h"

#include <Zydis/Decoder.h>
#include <string.h>

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
