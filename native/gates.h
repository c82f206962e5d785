/* What the gates of conductance models are made of. A gate is open with σ((v − middle)/slope) = 1/(1 + odds). */
#ifndef RLDBS_GATES_H
#define RLDBS_GATES_H

#include "trigonometry.h"

/* exp of numbers from -700 to 700, like exponential(), but in two chains, of even and of odd powers: cells wait for it, and
 * take a third less time so. */
ALWAYS_INLINE vec power_of_e(vec x)
{
    const vec shifted = fma(x, 0x1.71547652b82fep+0, ROUNDER), n = shifted - ROUNDER;
    const vec r = fma(n, -0x1.abc9e3b39803fp-56, fma(n, -0x1.62e42fefa39efp-1, x)), z = r * r;
    vec even = splat(1.0 / 479001600), odd = splat(1.0 / 6227020800);
    even = fma(even, z, 1.0 / 3628800), odd = fma(odd, z, 1.0 / 39916800);
    even = fma(even, z, 1.0 / 40320), odd = fma(odd, z, 1.0 / 362880);
    even = fma(even, z, 1.0 / 720), odd = fma(odd, z, 1.0 / 5040);
    even = fma(even, z, 1.0 / 24), odd = fma(odd, z, 1.0 / 120);
    even = fma(even, z, 0.5), odd = fma(odd, z, 1.0 / 6);
    even = fma(even, z, 1.0), odd = fma(odd, z, 1.0);
    return scaled(fma(odd, r, even), shifted);
}

/* The odds against an open gate: exp(−(v − middle)/slope). */
ALWAYS_INLINE vec odds(vec v, double middle, double slope)
{
    return power_of_e(fma(v, -1.0 / slope, middle / slope));
}

ALWAYS_INLINE vec open(vec against) { return 1.0 / (1.0 + against); }

/* Two gates for the price of one division. */
ALWAYS_INLINE void open_both(vec against_a, vec against_b, vec *a, vec *b)
{
    const vec of_a = 1.0 + against_a, of_b = 1.0 + against_b, both = 1.0 / (of_a * of_b);
    *a = both * of_b;
    *b = both * of_a;
}

/* rate (x∞ − x)/τ with x∞ = 1/(1 + against) and τ = least + more/(1 + slow), in one division. */
ALWAYS_INLINE vec relaxing(vec x, double rate, vec against, double least, double more, vec slow)
{
    const vec away = fma(-x, 1.0 + against, 1.0);
    return rate * (away * (1.0 + slow)) / ((1.0 + against) * fma(least, slow, least + more));
}

ALWAYS_INLINE vec square(vec x) { return x * x; }
ALWAYS_INLINE vec cube(vec x) { return x * x * x; }

#endif
