// SPDX-License-Identifier: Apache-2.0
// Status flags, by their bits in RFLAGS (Intel SDM volume 1, 3.4.3). For C and assembler.
#ifndef FLAGS_H
#define FLAGS_H

#define FLAG_CF 0x001
#define FLAG_PF 0x004
#define FLAG_AF 0x010
#define FLAG_ZF 0x040
#define FLAG_SF 0x080
#define FLAG_DF 0x400
#define FLAG_OF 0x800

#endif
