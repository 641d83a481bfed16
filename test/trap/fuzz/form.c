// SPDX-License-Identifier: Apache-2.0
#include "form.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "exclusion.h"

static struct form forms[FORM_MAX];
static size_t form_count;

// With a 32-bit address and a SIB byte that names no base, Zydis 4.0 takes the extension bit for one: [r13d].
static void correct_missing_base(struct decoded *decoded) {
  const ZydisDecodedInstruction *instruction = &decoded->instruction;
  if (!(instruction->attributes & ZYDIS_ATTRIB_HAS_SIB) || instruction->raw.modrm.mod != 0 || instruction->raw.sib.base != 5)
    return;
  for (unsigned i = 0; i < instruction->operand_count; i++) {
    ZydisDecodedOperand *operand = &decoded->operands[i];
    if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY || operand->encoding != ZYDIS_OPERAND_ENCODING_MODRM_RM)
      continue;
    operand->mem.base = ZYDIS_REGISTER_NONE;
    operand->mem.disp.has_displacement = true;
    operand->mem.disp.value = instruction->raw.disp.value;
  }
}

bool form_decode(const uint8_t *bytes, size_t count, struct decoded *decoded) {
  static ZydisDecoder decoder;
  static bool ready;
  if (!ready)
    ready = ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64));
  if (ZYAN_FAILED(ZydisDecoderDecodeFull(&decoder, bytes, count, &decoded->instruction, decoded->operands)))
    return false;
  correct_missing_base(decoded);
  return true;
}

const ZydisDecodedOperand *form_memory(const struct decoded *decoded) {
  for (unsigned i = 0; i < decoded->instruction.operand_count; i++) {
    const ZydisDecodedOperand *operand = &decoded->operands[i];
    bool is_stack = operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN && operand->mem.base == ZYDIS_REGISTER_RSP;
    if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->mem.type != ZYDIS_MEMOP_TYPE_AGEN && !is_stack)
      return operand;
  }
  return NULL;
}

unsigned form_broadcast(const struct decoded *decoded) {
  static const unsigned copies[] = {
      [ZYDIS_BROADCAST_MODE_1_TO_2] = 2, [ZYDIS_BROADCAST_MODE_1_TO_4] = 4, [ZYDIS_BROADCAST_MODE_1_TO_8] = 8,
      [ZYDIS_BROADCAST_MODE_1_TO_16] = 16, [ZYDIS_BROADCAST_MODE_1_TO_32] = 32, [ZYDIS_BROADCAST_MODE_1_TO_64] = 64,
      [ZYDIS_BROADCAST_MODE_2_TO_4] = 2, [ZYDIS_BROADCAST_MODE_2_TO_8] = 4, [ZYDIS_BROADCAST_MODE_2_TO_16] = 8,
      [ZYDIS_BROADCAST_MODE_4_TO_8] = 2, [ZYDIS_BROADCAST_MODE_4_TO_16] = 4, [ZYDIS_BROADCAST_MODE_8_TO_16] = 2,
  };
  unsigned count = copies[decoded->instruction.avx.broadcast.mode];
  return count != 0 ? count : 1;
}

static const char *class_name(ZydisRegister reg) {
  switch (ZydisRegisterGetClass(reg)) {
  case ZYDIS_REGCLASS_GPR8: return "r8";
  case ZYDIS_REGCLASS_GPR16: return "r16";
  case ZYDIS_REGCLASS_GPR32: return "r32";
  case ZYDIS_REGCLASS_GPR64: return "r64";
  case ZYDIS_REGCLASS_X87: return "st";
  case ZYDIS_REGCLASS_MMX: return "mm";
  case ZYDIS_REGCLASS_XMM: return "xmm";
  case ZYDIS_REGCLASS_YMM: return "ymm";
  case ZYDIS_REGCLASS_ZMM: return "zmm";
  case ZYDIS_REGCLASS_MASK: return "k";
  case ZYDIS_REGCLASS_SEGMENT: return "sreg";
  default: return ZydisRegisterGetString(reg);
  }
}

// A register that the form fixes is called by its name.
static const char *register_name(const ZydisDecodedOperand *operand) {
  bool is_fixed = operand->visibility == ZYDIS_OPERAND_VISIBILITY_IMPLICIT;
  return is_fixed ? ZydisRegisterGetString(operand->reg.value) : class_name(operand->reg.value);
}

static int describe_operand(const struct decoded *decoded, const ZydisDecodedOperand *operand, char *text, size_t size) {
  switch (operand->type) {
  case ZYDIS_OPERAND_TYPE_REGISTER:
    return snprintf(text, size, "%s", register_name(operand));
  case ZYDIS_OPERAND_TYPE_MEMORY:
    if (operand->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
      return snprintf(text, size, "m%u[%s]", operand->size, class_name(operand->mem.index));
    if (form_broadcast(decoded) != 1 && !decoded->instruction.avx.broadcast.is_static)
      return snprintf(text, size, "m%u{1to%u}", operand->size, form_broadcast(decoded));
    return snprintf(text, size, "m%u", operand->size);
  default:
    return snprintf(text, size, "i%u", operand->size);
  }
}

static const char *repeat_name(const struct decoded *decoded) {
  ZydisInstructionAttributes attributes = decoded->instruction.attributes;
  return attributes & ZYDIS_ATTRIB_HAS_REPNE  ? "repne "
         : attributes & ZYDIS_ATTRIB_HAS_REPE ? "repe "
         : attributes & ZYDIS_ATTRIB_HAS_REP  ? "rep "
                                              : "";
}

void form_describe(const struct decoded *decoded, char *text, size_t size) {
  const ZydisDecodedInstruction *instruction = &decoded->instruction;
  bool is_masked = instruction->avx.mask.mode == ZYDIS_MASK_MODE_MERGING || instruction->avx.mask.mode == ZYDIS_MASK_MODE_ZEROING;
  const char *separator = " ";
  size_t at = (size_t)snprintf(text, size, "%s%s%s", instruction->attributes & ZYDIS_ATTRIB_HAS_LOCK ? "lock " : "",
                               repeat_name(decoded), ZydisMnemonicGetString(instruction->mnemonic));
  for (unsigned i = 0; i < instruction->operand_count_visible; i++) {
    bool is_opmask = decoded->operands[i].encoding == ZYDIS_OPERAND_ENCODING_MASK;
    if (is_opmask)
      continue;
    at += (size_t)snprintf(text + at, size - at, "%s", separator);
    at += (size_t)describe_operand(decoded, &decoded->operands[i], text + at, size - at);
    if (i == 0 && is_masked)
      at += (size_t)snprintf(text + at, size - at, instruction->avx.mask.mode == ZYDIS_MASK_MODE_ZEROING ? "{k}{z}" : "{k}");
    separator = ", ";
  }
}

static bool has_operand_in(const struct decoded *decoded, ZydisOperandEncoding encoding) {
  for (unsigned i = 0; i < decoded->instruction.operand_count; i++)
    if (decoded->operands[i].encoding == encoding)
      return true;
  return false;
}

// A prefix that changes nothing makes no form of its own.
static bool has_idle_prefix(const struct decoded *decoded) {
  for (unsigned i = 0; i < decoded->instruction.raw.prefix_count; i++) {
    uint8_t value = decoded->instruction.raw.prefixes[i].value;
    bool is_rex = (value & 0xf0) == 0x40;
    if (!is_rex && decoded->instruction.raw.prefixes[i].type == ZYDIS_PREFIX_TYPE_IGNORED)
      return true;
  }
  return false;
}

// The whole name: operands, then what tells apart encodings that say the same.
static void name_form(struct form *form, const struct decoded *decoded) {
  static const char *const escapes[] = {"", "0F ", "0F38 ", "0F3A "};
  const struct form_encoding *encoding = &form->encoding;
  form_describe(decoded, form->name, sizeof form->name);
  size_t at = strlen(form->name), room = sizeof form->name - at;
  if (encoding->kind == ENCODING_LEGACY)
    at += (size_t)snprintf(form->name + at, room, " (%s%02X", escapes[encoding->map], encoding->opcode);
  else
    at += (size_t)snprintf(form->name + at, room, " (%s%u %02X", encoding->kind == ENCODING_VEX ? "V" : "E", encoding->map,
                           encoding->opcode);
  snprintf(form->name + at, sizeof form->name - at, form->has_modrm && !form->reg_is_operand ? "/%u)" : ")", encoding->reg);
}

// The name stands for the form: a second encoding with the same name only tells that W is free.
static void add(const struct form *form) {
  ENTRY wanted = {(char *)form->name, NULL}, *found = hsearch(wanted, FIND);
  if (found != NULL) {
    struct form *known = found->data;
    known->w_is_free |= known->encoding.w != form->encoding.w;
    return;
  }
  if (form_count == FORM_MAX) {
    fputs("fuzz: more forms than FORM_MAX\n", stderr);
    exit(2);
  }
  struct form *kept = &forms[form_count++];
  *kept = *form;
  hsearch((ENTRY){kept->name, kept}, ENTER);
}

static void consider(const struct form_encoding *encoding) {
  struct encode_fields fields = {.reg = encoding->reg, .base = 3, .index = 2, .opmask = 3, .w = encoding->w};
  struct form form = {.encoding = *encoding};
  struct decoded decoded;
  uint8_t bytes[40];
  for (int has_modrm = 1; has_modrm >= 0; has_modrm--) {
    size_t length = encode(encoding, has_modrm, &fields, bytes);
    if (!form_decode(bytes, length, &decoded))
      continue;
    form.has_modrm = decoded.instruction.attributes & ZYDIS_ATTRIB_HAS_MODRM;
    if (form.has_modrm == has_modrm)
      break;
    if (!has_modrm)
      return;
  }
  const ZydisDecodedOperand *memory = form_memory(&decoded);
  if (memory == NULL || has_idle_prefix(&decoded) || (encoding->registers_only && !form.has_modrm) ||
      (!form.has_modrm && encoding->reg != 0))
    return;
  bool is_masked = decoded.instruction.avx.mask.reg != ZYDIS_REGISTER_NONE && decoded.instruction.avx.mask.reg != ZYDIS_REGISTER_K0;
  if (encoding->kind == ENCODING_EVEX && encoding->masked != is_masked)
    return;
  form.mnemonic = decoded.instruction.mnemonic;
  form.reg_is_operand = has_operand_in(&decoded, ZYDIS_OPERAND_ENCODING_MODRM_REG);
  form.vvvv_is_operand = has_operand_in(&decoded, ZYDIS_OPERAND_ENCODING_NDSNDD);
  form.reason = exclusion_reason(&decoded);
  form.fate = form.reason != NULL ? FORM_EXCLUDED : FORM_NOT_ON_THIS_CPU;
  name_form(&form, &decoded);
  add(&form);
}

// The same bits with the operand in memory, with a vector index, and with registers only.
static void consider_shapes(struct form_encoding encoding) {
  for (encoding.reg = 0; encoding.reg < 8; encoding.reg++) {
    consider(&encoding);
    encoding.registers_only = true;
    consider(&encoding);
    encoding.registers_only = false;
    if (encoding.kind == ENCODING_LEGACY)
      continue;
    encoding.vector_index = true;
    consider(&encoding);
    encoding.vector_index = false;
  }
}

// Bytes that are no opcodes in the first map: prefixes, escapes.
static bool is_opcode(unsigned map, unsigned opcode) {
  static const uint8_t others[] = {0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65, 0x66, 0x67, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3};
  if (map == 1)
    return opcode != 0x38 && opcode != 0x3a && opcode != 0x0f;
  return map != 0 || !(memchr(others, (int)opcode, sizeof others) != NULL || (opcode & 0xf0) == 0x40);
}

static void find_legacy(unsigned map, unsigned opcode) {
  static const uint8_t repeats[] = {0, 0xf2, 0xf3};
  for (unsigned bits = 0; bits < 24; bits++)
    if (is_opcode(map, opcode))
      consider_shapes((struct form_encoding){.kind = ENCODING_LEGACY, .map = (uint8_t)map, .opcode = (uint8_t)opcode,
                                             .w = bits & 1, .size_66 = bits & 2, .lock = bits & 4, .repeat = repeats[bits / 8]});
}

static void find_vex(unsigned map, unsigned opcode) {
  for (unsigned bits = 0; bits < 16; bits++)
    consider_shapes((struct form_encoding){.kind = ENCODING_VEX, .map = (uint8_t)map, .opcode = (uint8_t)opcode,
                                           .w = bits & 1, .pp = bits >> 1 & 3, .length = bits >> 3});
}

static void find_evex(unsigned map, unsigned opcode) {
  for (unsigned bits = 0; bits < 192; bits++)
    consider_shapes((struct form_encoding){.kind = ENCODING_EVEX, .map = (uint8_t)map, .opcode = (uint8_t)opcode,
                                           .w = bits & 1, .pp = bits >> 1 & 3, .masked = bits & 8, .zeroing = bits & 16,
                                           .broadcast = bits & 32, .length = (uint8_t)(bits >> 6)});
}

struct form *form_table(size_t *count) {
  hcreate(4 * FORM_MAX);
  for (unsigned opcode = 0; opcode < 256; opcode++) {
    for (unsigned map = 0; map < 4; map++)
      find_legacy(map, opcode);
    for (unsigned map = 1; map <= 3; map++)
      find_vex(map, opcode);
    for (unsigned map = 1; map <= 6; map++)
      find_evex(map, opcode);
  }
  *count = form_count;
  return forms;
}
