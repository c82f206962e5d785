/* fma(a, b, c) is a·b + c, rounded once. It is written wherever it is meant, and never left to the compiler, so that every
 * processor rounds the same sums the same way: with an instruction where there is one, else by exact sums of doubles.
 * Arguments are vectors or plain doubles. */
#ifndef RLDBS_FUSED_H
#define RLDBS_FUSED_H

#include <math.h> /* before the macro takes the name of its function */

#include "vector.h"

#if defined(RLDBS_UNFUSED) /* other bits: to measure what fusing gains */
ALWAYS_INLINE vec fused(vec a, vec b, vec c) { return a * b + c; }
#elif defined(__FMA__) && RLDBS_VECTOR_BYTES == 32
#include <immintrin.h>
ALWAYS_INLINE vec fused(vec a, vec b, vec c) { return (vec)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
#elif defined(__AVX512F__) && RLDBS_VECTOR_BYTES == 64
#include <immintrin.h>
ALWAYS_INLINE vec fused(vec a, vec b, vec c) { return (vec)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
#elif defined(__aarch64__) && RLDBS_VECTOR_BYTES == 16
#include <arm_neon.h>
ALWAYS_INLINE vec fused(vec a, vec b, vec c)
{
    return (vec)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}
#elif defined(__FMA__) || defined(__FP_FAST_FMA)
ALWAYS_INLINE vec fused(vec a, vec b, vec c)
{
    for (int i = 0; i < WIDTH; i++)
        c[i] = __builtin_fma(a[i], b[i], c[i]);
    return c;
}
#else
#define RLDBS_FUSES 0
/* a + b = sum + *rest, exactly. */
ALWAYS_INLINE vec exact_sum(vec a, vec b, vec *rest)
{
    const vec sum = a + b, part = sum - a;
    *rest = (a - (sum - part)) + (b - part);
    return sum;
}

/* The upper 26 bits of a number; the rest fits into as many. */
ALWAYS_INLINE vec upper_half(vec a)
{
    const vec shifted = a * 134217729.0;
    return shifted - (shifted - a);
}

/* a · b = product + *rest, exactly. */
ALWAYS_INLINE vec exact_product(vec a, vec b, vec *rest)
{
    const vec product = a * b, a1 = upper_half(a), a2 = a - a1, b1 = upper_half(b), b2 = b - b1;
    *rest = ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2;
    return product;
}

/* Where this is so, nothing below is lost beneath the smallest double or beyond the largest one. */
ALWAYS_INLINE mask is_between(vec a, double low, double high)
{
    const vec size = (vec)((mask)a & INT64_MAX);
    return (size >= low) & (size <= high);
}

/* S. Boldo, G. Melquiond, Emulation of a FMA and correctly rounded sums, IEEE Transactions on Computers 57, 462 (2008):
 * the two smaller parts of the sum are added with rounding to odd, so that the last rounding is the only one. Called, not
 * inlined: it is too long to stand in a kernel twenty times. */
static __attribute__((noinline, unused)) vec fused(vec a, vec b, vec c)
{
    vec product_rest, low_rest, high_rest, odd_rest;
    const vec product = exact_product(a, b, &product_rest);
    const vec low = exact_sum(c, product_rest, &low_rest);
    const vec high = exact_sum(product, low, &high_rest);
    const vec near = exact_sum(low_rest, high_rest, &odd_rest);
    /* An inexact sum whose last bit is even moves by one towards what was rounded away. */
    const mask bits = (mask)near, inexact = odd_rest != 0.0, even = (bits & 1) == 0;
    const mask step = (((mask)odd_rest ^ bits) < 0) | 1;
    vec result = high + (vec)(bits + (step & inexact & even));
    const mask plain = is_between(product, 0x1p-900, 0x1p900) & is_between(a, 0x1p-900, 0x1p900) &
                       is_between(b, 0x1p-900, 0x1p900) & ((c == 0.0) | is_between(c, 0x1p-900, 0x1p900));
    for (int i = 0; i < WIDTH; i++)
        if (!plain[i])
            result[i] = __builtin_fma(a[i], b[i], c[i]);
    return result;
}
#endif

#ifndef RLDBS_FUSES
#define RLDBS_FUSES 1
#endif

#define fma(a, b, c) fused((a) - (vec){0}, (b) - (vec){0}, (c) - (vec){0})

#endif
