/* The functions that a user's equations may call: the same bits on every processor, for every argument there is. What is not
 * a number stays so. */
#ifndef RLDBS_ELEMENTARY_H
#define RLDBS_ELEMENTARY_H

#include "gates.h"

/* Longer functions are called, not inlined: a kernel has every rate a dozen times, and would take minutes to compile. That of
 * networks has them five times, and each is a third of a cell's time. */
#ifndef ELEMENTARY
#define ELEMENTARY static __attribute__((noinline, unused))
#endif

enum { MOST_EXPONENT = 708 }; /* beyond it, either way, exp holds its value: no infinities, and nothing beneath 2^-1022 */

ALWAYS_INLINE vec min_of(vec a, vec b) { return chosen((mask)(b < a) | (mask)(b != b), b, a); }
ALWAYS_INLINE vec max_of(vec a, vec b) { return chosen((mask)(b > a) | (mask)(b != b), b, a); }
ALWAYS_INLINE vec abs_of(vec x) { return (vec)((mask)x & INT64_MAX); }
ALWAYS_INLINE vec heaviside_of(vec x) { return chosen((mask)(x == x), chosen((mask)(x >= 0.0), splat(1.0), splat(0.0)), x); }
ALWAYS_INLINE vec within(vec x, double most) { return max_of(min_of(x, splat(most)), splat(-most)); }

ALWAYS_INLINE vec sqrt_of(vec x)
{
    for (int i = 0; i < WIDTH; i++)
        x[i] = __builtin_sqrt(x[i]);
    return x;
}

ELEMENTARY vec exp_of(vec x)
{
    return chosen((mask)(x == x), power_of_e(within(x, MOST_EXPONENT)), x);
}

/* exp x - 1 with the digits of x near 0, for x from 0 to 700: 2^n (exp r - 1) + (2^n - 1). */
ELEMENTARY vec exp_less_one(vec x)
{
    const vec shifted = fma(x, 0x1.71547652b82fep+0, ROUNDER), n = shifted - ROUNDER;
    const vec r = fma(n, -0x1.abc9e3b39803fp-56, fma(n, -0x1.62e42fefa39efp-1, x));
    const vec power = scaled(splat(1.0), shifted);
    static const double inverse_factorials[] = {
        1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
        1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0};
    vec sum = splat(inverse_factorials[0]);
    for (int i = 1; i < 13; i++)
        sum = fma(sum, r, inverse_factorials[i]);
    return fma(power, sum * r, power - 1.0);
}

/* (e^2|x| - 1) / (e^2|x| + 1) with the sign of x; from 20 on it is 1. */
ELEMENTARY vec tanh_of(vec x)
{
    const vec e = exp_less_one(2.0 * min_of(abs_of(x), splat(20.0)));
    const vec size = e / (e + 2.0);
    return chosen((mask)(x == x), (vec)((mask)size | ((mask)x & INT64_MIN)), x);
}

ELEMENTARY vec sigmoid_of(vec x) { return 1.0 / (1.0 + exp_of(-x)); }

/* The natural logarithm: -∞ at 0, not a number below; what is beneath 2^-1022 counts as that. */
ELEMENTARY vec log_of(vec x)
{
    const vec normal = max_of(min_of(x, splat(0x1.fffffffffffffp+1023)), splat(0x1p-1022));
    const vec below = chosen((mask)(x == 0.0), splat(-__builtin_inf()), splat(__builtin_nan("")));
    return chosen((mask)(x > 0.0), logarithm(normal), below);
}

/* Sine and cosine, of angles up to some thousand turns. */
ELEMENTARY vec sin_of(vec x)
{
    vec sine, cosine;
    sine_cosine(x, &sine, &cosine);
    return sine;
}

ELEMENTARY vec cos_of(vec x)
{
    vec sine, cosine;
    sine_cosine(x, &sine, &cosine);
    return cosine;
}

#endif
