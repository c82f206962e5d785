/* Spatial modes: weighted sums over neurons, and what the modes give back to each. Two quantities go side by side, so that
 * each weight is loaded once for both. Sums are taken lane by lane, neuron after neuron, whatever the instruction set. */
#ifndef RLDBS_MODES_H
#define RLDBS_MODES_H

#include "fused.h"

enum { AT_ONCE = 4 / VECTORS }; /* modes, or groups of lanes, whose sums of two quantities stay in registers */
enum { MOST_QUANTITIES = 4 };

typedef vec group[VECTORS]; /* one number for each lane */

/* The same for so many quantities. */
ALWAYS_INLINE int at_once(const int quantities)
{
    const int fit = (RLDBS_VECTOR_BYTES == 32 ? 8 : 16) / (VECTORS * quantities);
    return quantities == 2 || fit > AT_ONCE ? AT_ONCE : fit < 1 ? 1 : fit;
}

/* Add what `size` neurons give to `count` sums of weights · quantity, for each quantity; lanes (count, quantities, LANES). */
ALWAYS_INLINE void add_to_modes(
    const int quantities, const int count, const double *weights, int64_t stride, const double *const *of, int64_t size,
    double *lanes)
{
    group sum[AT_ONCE][MOST_QUANTITIES];
    UNROLLED
    for (int m = 0; m < count; m++)
        UNROLLED
        for (int q = 0; q < quantities; q++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                sum[m][q][v] = load(lanes + (m * quantities + q) * LANES + v * WIDTH);
    for (int64_t i = 0; i < size; i += LANES)
        UNROLLED
        for (int v = 0; v < VECTORS; v++) {
            vec value[MOST_QUANTITIES];
            UNROLLED
            for (int q = 0; q < quantities; q++)
                value[q] = load(of[q] + i + v * WIDTH);
            UNROLLED
            for (int m = 0; m < count; m++) {
                const vec weight = load(weights + m * stride + i + v * WIDTH);
                UNROLLED
                for (int q = 0; q < quantities; q++)
                    sum[m][q][v] = fma(weight, value[q], sum[m][q][v]);
            }
        }
    UNROLLED
    for (int m = 0; m < count; m++)
        UNROLLED
        for (int q = 0; q < quantities; q++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                store(lanes + (m * quantities + q) * LANES + v * WIDTH, sum[m][q][v]);
}

/* The same for all modes; lanes (modes, quantities, LANES). Modes may come in either order: whoever goes over them again and
 * again, forth and back, finds those weights in the cache that it has read last. */
ALWAYS_INLINE void add_to_all_modes(
    const int quantities, const double *weights, int64_t modes, int64_t stride, const double *const *of, int64_t size,
    double *lanes, const int backwards)
{
    const int fit = at_once(quantities);
    const int64_t whole = modes / fit;
    for (int64_t k = 0; k < whole; k++) {
        const int64_t r = (backwards ? whole - 1 - k : k) * fit;
        add_to_modes(quantities, fit, weights + r * stride, stride, of, size, lanes + quantities * r * LANES);
    }
    for (int64_t r = whole * fit; r < modes; r++)
        add_to_modes(quantities, 1, weights + r * stride, stride, of, size, lanes + quantities * r * LANES);
}

/* Add what `size` neurons give to one sum of weights · one. */
ALWAYS_INLINE void add_to_sum(const double *weights, const double *one, int64_t size, double *lanes)
{
    group a;
    for (int v = 0; v < VECTORS; v++)
        a[v] = load(lanes + v * WIDTH);
    for (int64_t i = 0; i < size; i += LANES)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            a[v] = fma(load(weights + i + v * WIDTH), load(one + i + v * WIDTH), a[v]);
    for (int v = 0; v < VECTORS; v++)
        store(lanes + v * WIDTH, a[v]);
}

/* The same without weights. */
ALWAYS_INLINE void add_plainly(const double *one, int64_t size, double *lanes)
{
    group a;
    for (int v = 0; v < VECTORS; v++)
        a[v] = load(lanes + v * WIDTH);
    for (int64_t i = 0; i < size; i += LANES)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            a[v] += load(one + i + v * WIDTH);
    for (int v = 0; v < VECTORS; v++)
        store(lanes + v * WIDTH, a[v]);
}

/* What modes give to `count` groups of lanes, of one field and of another: Σ_r weight_ri · one_r. The weights of a group
 * are (modes, LANES). */
ALWAYS_INLINE void take_from_modes(
    const int count, const double *weights, int64_t modes, const double *one, const double *other, group *of_one,
    group *of_other)
{
    group a[AT_ONCE], b[AT_ONCE];
    UNROLLED
    for (int g = 0; g < count; g++)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            a[g][v] = b[g][v] = (vec){0};
    for (int64_t r = 0; r < modes; r++) {
        const vec from_one = one[r] - (vec){0}, from_other = other[r] - (vec){0};
        UNROLLED
        for (int g = 0; g < count; g++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++) {
                const vec weight = load(weights + (g * modes + r) * LANES + v * WIDTH);
                a[g][v] = fma(weight, from_one, a[g][v]);
                b[g][v] = fma(weight, from_other, b[g][v]);
            }
    }
    UNROLLED
    for (int g = 0; g < count; g++)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            of_one[g][v] = a[g][v], of_other[g][v] = b[g][v];
}

/* Σ_s mixing_rs · field_s for the modes r of `count` groups of lanes. */
ALWAYS_INLINE void mix_groups(const int count, const double *mixing, int64_t modes, const double *field, double *mixed)
{
    group sum[2 * AT_ONCE];
    UNROLLED
    for (int g = 0; g < count; g++)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            sum[g][v] = (vec){0};
    for (int64_t s = 0; s < modes; s++)
        UNROLLED
        for (int g = 0; g < count; g++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                sum[g][v] = fma(load(mixing + (g * modes + s) * LANES + v * WIDTH), field[s], sum[g][v]);
    UNROLLED
    for (int g = 0; g < count; g++)
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            store(mixed + g * LANES + v * WIDTH, sum[g][v]);
}

/* The same for all r: the mixing is (groups of r, modes s, LANES). */
ALWAYS_INLINE void mix(const double *mixing, int64_t modes, int64_t padded, const double *field, double *mixed)
{
    int64_t r = 0;
    for (; r + 2 * AT_ONCE * LANES <= padded; r += 2 * AT_ONCE * LANES)
        mix_groups(2 * AT_ONCE, mixing + r * modes, modes, field, mixed + r);
    for (; r < padded; r += LANES)
        mix_groups(1, mixing + r * modes, modes, field, mixed + r);
}

#endif
