/* SPDX-License-Identifier: Apache-2.0 */
unsigned twice(unsigned value)
{
    return 2 * value;
}
