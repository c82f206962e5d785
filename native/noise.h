/* Noise that depends on a number alone: of variance 1 and bounded, the sum of four uniform numbers, which are the parts of a
 * hash (SplitMix64). */
#ifndef RLDBS_NOISE_H
#define RLDBS_NOISE_H

#include "vector.h"

#define GOLDEN 0x9e3779b97f4a7c15u /* from the key and this many times a counter comes what is hashed */

ALWAYS_INLINE vec noise_from(bits z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    const bits sum = (z & 0xffff) + ((z >> 16) & 0xffff) + ((z >> 32) & 0xffff) + (z >> 48);
    return ((vec)(sum | 0x4330000000000000u) - (0x1p52 + 131070.0)) * (1.7320508075688772 / 65536.0);
}

#endif
