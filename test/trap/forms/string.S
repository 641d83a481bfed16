// SPDX-License-Identifier: Apache-2.0
// String instructions: window to plain memory, plain memory to window, window to window; repeated; backwards.
#include "form.inc"

  .macro string setup, name, width, access, insn:vararg
  form_record \setup, none, none, 1, 0, none, 0, "\name", base, \width, \access, 0, \insn
  .endm

  .macro every_size suffix, bytes
  string WITH_SOURCE,      "movs\suffix from window",   \bytes, read,  movs\suffix
  string WITH_DESTINATION, "movs\suffix to window",     \bytes, write, movs\suffix
  string WITH_BOTH,        "movs\suffix within window", \bytes*2, rmw, movs\suffix
  string WITH_SOURCE,      "lods\suffix",               \bytes, read,  lods\suffix
  string WITH_DESTINATION, "stos\suffix",               \bytes, write, stos\suffix
  string WITH_DESTINATION, "scas\suffix",               \bytes, read,  scas\suffix
  string WITH_SOURCE,      "cmps\suffix window to plain", \bytes, read, cmps\suffix
  string WITH_DESTINATION, "cmps\suffix plain to window", \bytes, read, cmps\suffix
  string WITH_BOTH,        "cmps\suffix within window", \bytes*2, read, cmps\suffix

  string WITH_SOURCE|WITH_COUNT4,      "rep movs\suffix from window",   \bytes*4, read,  rep movs\suffix
  string WITH_DESTINATION|WITH_COUNT4, "rep movs\suffix to window",     \bytes*4, write, rep movs\suffix
  string WITH_BOTH|WITH_COUNT4,        "rep movs\suffix within window", \bytes*8, rmw,   rep movs\suffix
  string WITH_DESTINATION|WITH_COUNT4, "rep stos\suffix",               \bytes*4, write, rep stos\suffix
  string WITH_SOURCE|WITH_COUNT4,      "rep lods\suffix",               \bytes*4, read,  rep lods\suffix
  string WITH_DESTINATION|WITH_COUNT4, "repne scas\suffix",             \bytes*4, read,  repne scas\suffix
  string WITH_SOURCE|WITH_COUNT4|WITH_HALF_EQUAL, "repe cmps\suffix",   \bytes*4, read,  repe cmps\suffix
  .endm
  every_size b, 1
  every_size w, 2
  every_size l, 4
  every_size q, 8

  string WITH_SOURCE|WITH_BACKWARD,      "movsb from window, backward",  1, read,  movsb
  string WITH_DESTINATION|WITH_BACKWARD, "stosl, backward",              4, write, stosl
  string WITH_SOURCE|WITH_BACKWARD,      "lodsq, backward",              8, read,  lodsq
  string WITH_SOURCE|WITH_COUNT4|WITH_BACKWARD,      "rep movsl from window, backward",   16, read,  rep movsl
  string WITH_DESTINATION|WITH_COUNT4|WITH_BACKWARD, "rep movsq to window, backward",     32, write, rep movsq
  string WITH_BOTH|WITH_COUNT4|WITH_BACKWARD,        "rep movsb within window, backward",  8, rmw,   rep movsb
  string WITH_DESTINATION|WITH_COUNT4|WITH_BACKWARD, "rep stosw, backward",                8, write, rep stosw
  string WITH_SOURCE|WITH_COUNT4|WITH_BACKWARD,      "repe cmpsl, backward",              16, read,  repe cmpsl
  string WITH_SOURCE|WITH_COUNT0,      "rep movsl from window, no element", 4, none, rep movsl
  string WITH_DESTINATION|WITH_COUNT0, "rep stosb, no element",             1, none, rep stosb
