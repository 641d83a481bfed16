// SPDX-License-Identifier: Apache-2.0
#include <bitset>
#include "Vcore__Dpi.h"

unsigned count_bits(unsigned value)
{
    return std::bitset<32>(value).count();
}
