/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include <string.h>

#include "execute.h"
#include "ground/build_id.h"
#include "ground/maps.h"
#include "ground/page.h"
#include "ground/signal_safe.h"

static struct site sites[EXECUTE_SLOTS];

static bool tells_build_ids;

void site_tell_build_ids(bool tells)
{
    tells_build_ids = tells;
}

unsigned site_slot(const struct site *site)
{
    return (unsigned)(site - sites);
}

static struct site *place_of(uint64_t pc)
{
    return &sites[(pc ^ pc >> 11) % EXECUTE_SLOTS];
}

/* The CPU has just fetched this instruction, so its bytes can be read; what follows it may lie on an unmapped page. */
static bool decode_at(uint64_t pc, struct decode *decode)
{
    uint8_t bytes[DECODE_MAX_LENGTH];
    size_t to_page_end = page_rest(pc);
    size_t count = to_page_end < sizeof bytes ? to_page_end : sizeof bytes;
    memcpy(bytes, (const void *)pc, count);
    if (decode_instruction(bytes, count, decode))
        return true;
    if (count == sizeof bytes)
        return false;
    memcpy(bytes, (const void *)pc, sizeof bytes);
    return decode_instruction(bytes, sizeof bytes, decode);
}

struct site *site_at(uint64_t pc)
{
    struct site *site = place_of(pc);
    if (site->pc == pc && memcmp((const void *)pc, site->decode.bytes, site->decode.length) == 0)
        return site;
    memset(site, 0, sizeof *site);
    if (!decode_at(pc, &site->decode))
        return NULL;
    site->pc = pc;
    if (site->decode.code_length != 0)
        execute_install(site_slot(site), &site->decode);
    return site;
}

struct site *site_of_call(uint64_t pc, const char *name)
{
    static struct site calls[64];
    struct site *site = &calls[(pc ^ pc >> 6) % (sizeof calls / sizeof calls[0])];
    if (site->pc != pc || site->call != name) {
        memset(site, 0, sizeof *site);
        site->pc = pc;
        site->call = name;
    }
    return site;
}

void site_describe(const struct site *site, trapline_v1_Site *description)
{
    struct maps_head head;
    memset(description, 0, sizeof *description);
    maps_find(site->pc, description->module, sizeof description->module, &description->module_offset, &head);
    if (tells_build_ids)
        description->build_id.size = (pb_size_t)build_id_read(head.bytes, head.length, description->build_id.bytes,
                                                              sizeof description->build_id.bytes);
    if (site->call != NULL)
        memcpy(description->instruction, site->call, strlen(site->call) + 1);
    else
        decode_disassemble(&site->decode, site->pc, description->instruction, sizeof description->instruction);
}
