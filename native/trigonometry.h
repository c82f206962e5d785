/* Sine, cosine, exponential and logarithm of our own: polynomials, so that every processor gives the same bits, as no two
 * mathematical libraries do. Coefficients: Taylor's and the minimax ones of fdlibm, to a relative error of a few 1e-16
 * (sine, cosine) in the ranges that are said. */
#ifndef RLDBS_TRIGONOMETRY_H
#define RLDBS_TRIGONOMETRY_H

#include "fused.h"

#define TURN_HIGH 0x1.921fb54442d18p+2  /* 2π, and what a double leaves of it */
#define TURN_LOW 0x1.1a62633145c07p-52
#define ROUNDER 0x1.8p52 /* added and taken away again, it rounds a double below 2^51 to a whole number */

ALWAYS_INLINE vec chosen(mask where, vec yes, vec no) { return (vec)(((mask)yes & where) | ((mask)no & ~where)); }

/* sin and cos of |angle| up to some thousand turns. */
ALWAYS_INLINE void sine_cosine(vec angle, vec *sine, vec *cosine)
{
    const vec shifted = fma(angle, 0x1.45f306dc9c883p-1, ROUNDER), quarters = shifted - ROUNDER;
    const mask quarter = (mask)shifted;
    vec r = fma(quarters, -TURN_HIGH / 4.0, angle);
    r = fma(quarters, -TURN_LOW / 4.0, r);
    const vec z = r * r;
    vec s = fma(z, 1.58969099521155010221e-10, -2.50507602534068634195e-08);
    s = fma(z, s, 2.75573137070700676789e-06);
    s = fma(z, s, -1.98412698298579493134e-04);
    s = fma(z, s, 8.33333333332248946124e-03);
    s = fma(z, s, -1.66666666666666324348e-01);
    s = fma(z * r, s, r);
    vec c = fma(z, -1.13596475577881948265e-11, 2.08757232129817482790e-09);
    c = fma(z, c, -2.75573143513906633035e-07);
    c = fma(z, c, 2.48015872894767294178e-05);
    c = fma(z, c, -1.38888888888741095749e-03);
    c = fma(z, c, 4.16666666666666019037e-02);
    c = fma(z * z, c, fma(z, -0.5, 1.0));
    const mask odd = -(quarter & 1), low = odd ^ -((quarter >> 1) & 1);
    const vec swapped_sine = chosen(odd, c, s), swapped_cosine = chosen(odd, s, c);
    *sine = (vec)((mask)swapped_sine ^ ((quarter & 2) << 62));
    *cosine = (vec)((mask)swapped_cosine ^ (low & INT64_MIN));
}

/* The same angle within a half turn of 0. */
ALWAYS_INLINE vec wrapped(vec angle)
{
    const vec turns = fma(angle, 0x1.45f306dc9c883p-3, ROUNDER) - ROUNDER;
    return fma(turns, -TURN_LOW, fma(turns, -TURN_HIGH, angle));
}

/* x · 2^n by the exponent alone, n being what was rounded by adding the rounder. Unsigned: numbers that are none may carry. */
ALWAYS_INLINE vec scaled(vec x, vec shifted) { return (vec)((bits)x + ((bits)shifted << 52)); }

/* exp of numbers from -700 to 700. */
ALWAYS_INLINE vec exponential(vec x)
{
    const vec shifted = fma(x, 0x1.71547652b82fep+0, ROUNDER), n = shifted - ROUNDER;
    const vec r = fma(n, -0x1.abc9e3b39803fp-56, fma(n, -0x1.62e42fefa39efp-1, x));
    static const double inverse_factorials[] = {
        1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
        1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0};
    vec sum = splat(inverse_factorials[0]);
    for (int i = 1; i < 14; i++)
        sum = fma(sum, r, inverse_factorials[i]);
    return scaled(sum, shifted);
}

/* ln of numbers in (0, 1], to 1e-14. */
ALWAYS_INLINE vec logarithm(vec x)
{
    /* what is added carries into the exponent from √2 on, so that the rest is between √½ and √2 */
    const mask exponent = ((mask)((bits)x + 0x95f619980c433) >> 52) - 1023;
    const vec m = (vec)((bits)x - ((bits)exponent << 52)), f = (m - 1.0) / (m + 1.0), z = f * f;
    vec sum = splat(1.0 / 19);
    for (int k = 17; k >= 1; k -= 2)
        sum = fma(sum, z, 1.0 / k);
    const vec whole = (vec)((exponent + 1024) | 0x4330000000000000) - (0x1p52 + 1024.0);
    return fma(whole, 0x1.62e42fefa39efp-1, 2.0 * f * sum);
}

#endif
