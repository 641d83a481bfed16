/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include <string.h>

#include "execute.h"
#include "ground/build_id.h"
#include "ground/maps.h"
#include "ground/page.h"
#include "ground/report.h"
#include "ground/table.h"
#include "ground/signal_safe.h"

static struct site *sites;

static bool tells_build_ids;

static void (*show_host)(uint64_t pc, uint8_t *bytes, size_t count);

void site_show_host(void (*show)(uint64_t pc, uint8_t *bytes, size_t count))
{
    show_host = show;
}

void site_tell_build_ids(bool tells)
{
    tells_build_ids = tells;
}

unsigned site_slot(const struct site *site)
{
    return (unsigned)(site - sites);
}

void site_prepare(void)
{
    if (sites == NULL && (sites = table_make(EXECUTE_SLOTS * sizeof *sites)) == NULL)
        report_fatal("there is no memory for what is known of instructions; the host is ended");
}

static struct site *place_of(uint64_t pc)
{
    site_prepare();
    return &sites[(pc ^ pc >> 11) % EXECUTE_SLOTS];
}

static void read_code(uint64_t pc, uint8_t *bytes, size_t count)
{
    memcpy(bytes, (const void *)pc, count);
    if (show_host != NULL)
        show_host(pc, bytes, count);
}

/* The CPU has just fetched this instruction, so its bytes can be read; what follows it may lie on an unmapped page. */
static bool decode_at(uint64_t pc, enum decode_mode mode, struct decode *decode)
{
    uint8_t bytes[DECODE_MAX_LENGTH];
    size_t to_page_end = page_rest(pc);
    size_t count = to_page_end < sizeof bytes ? to_page_end : sizeof bytes;
    read_code(pc, bytes, count);
    if (decode_instruction(mode, bytes, count, decode))
        return true;
    if (count == sizeof bytes)
        return false;
    read_code(pc, bytes, sizeof bytes);
    return decode_instruction(mode, bytes, sizeof bytes, decode);
}

static bool is_as_decoded(uint64_t pc, const struct decode *decode)
{
    uint8_t bytes[DECODE_MAX_LENGTH];
    if (show_host == NULL)
        return memcmp((const void *)pc, decode->bytes, decode->length) == 0;
    read_code(pc, bytes, decode->length);
    return memcmp(bytes, decode->bytes, decode->length) == 0;
}

struct site *site_known_at(uint64_t pc)
{
    struct site *site = place_of(pc);
    return site->pc == pc ? site : NULL;
}

struct site *site_at(uint64_t pc, enum decode_mode mode)
{
    struct site *site = place_of(pc);
    if (site->pc == pc && site->decode.mode == mode && is_as_decoded(pc, &site->decode))
        return site;
    memset(site, 0, sizeof *site);
    if (!decode_at(pc, mode, &site->decode))
        return NULL;
    if (site->decode.code_length != 0)
        execute_install(site_slot(site), &site->decode);
    /* Not before: who is forked in between makes it anew. */
    site->pc = pc;
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
