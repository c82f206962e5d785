/* Sums of each over each, Σ_j W_ij · source_j, folded along the axes of a grid.
 *
 * Where all is the same seen from either end of an axis, W_ij = W_i'j', what is even of the sources, s_j + s_j', gives what is
 * even of the sums, and what is odd, s_j − s_j', what is odd: two matrices of half the rows and columns in place of one, and
 * half of all products. Each axis does that again: a line is folded once, a cube three times. Where nothing is the same
 * there is one part, the whole. A sum is taken source after source, whatever the instruction set. */
#ifndef RLDBS_FOLDED_H
#define RLDBS_FOLDED_H

#include "modes.h"
#include "phase.h"

/* The sums of a quantity, and the room to fold it in. */
typedef struct {
    double *sums; /* (stride), the padding 0 */
    double *room[2]; /* from one to the other and back: fold f fills room f % 2 */
} folded_sums;

static folded_sums folded_sums_of(const rldbs_tissue *t, double *scratch)
{
    if (t->weights_out)
        return (folded_sums){0};
    for (int64_t i = t->neurons; i < t->stride; i++)
        scratch[i] = 0.0;
    double *const room = scratch + t->stride;
    return (folded_sums){scratch, {room, room + room_of(t)}};
}

/* (parts, before, across, after) to (parts, 2, before, half, after): what is even along an axis, and what is odd. */
ALWAYS_INLINE void fold_axis(int64_t parts, int64_t before, int64_t across, const int64_t after, const double *from, double *to)
{
    const int64_t half = (across + 1) / 2;
    for (int64_t p = 0; p < parts; p++)
        for (int64_t b = 0; b < before; b++) {
            const double *const all = from + (p * before + b) * across * after;
            double *const even = to + (2 * p * before + b) * half * after, *const odd = even + before * half * after;
            for (int64_t j = 0; j < half; j++)
                for (int64_t k = 0; k < after; k++) {
                    const double first = all[j * after + k], last = all[(across - 1 - j) * after + k];
                    even[j * after + k] = first + last;
                    odd[j * after + k] = first - last;
                }
        }
}

/* Back again. */
ALWAYS_INLINE void unfold_axis(int64_t parts, int64_t before, int64_t across, const int64_t after, const double *from, double *to)
{
    const int64_t half = (across + 1) / 2;
    for (int64_t p = 0; p < parts; p++)
        for (int64_t b = 0; b < before; b++) {
            double *const all = to + (p * before + b) * across * after;
            const double *const even = from + (2 * p * before + b) * half * after, *const odd = even + before * half * after;
            for (int64_t j = 0; j < half; j++)
                for (int64_t k = 0; k < after; k++) {
                    const double one = even[j * after + k], other = odd[j * after + k];
                    all[j * after + k] = one + other;
                    all[(across - 1 - j) * after + k] = one - other;
                }
        }
}

static void fold(int64_t parts, const int64_t *axis, const double *from, double *to)
{
    if (axis[2] == 1)
        fold_axis(parts, axis[0], axis[1], 1, from, to);
    else
        fold_axis(parts, axis[0], axis[1], axis[2], from, to);
}

static void unfold(int64_t parts, const int64_t *axis, const double *from, double *to)
{
    if (axis[2] == 1)
        unfold_axis(parts, axis[0], axis[1], 1, from, to);
    else
        unfold_axis(parts, axis[0], axis[1], axis[2], from, to);
}

/* Some groups of lanes of a part, of which `size` sums are wanted; weights (groups, sources, LANES). */
ALWAYS_INLINE void sum_groups(
    const int quantities, const int groups, const double *weights, int64_t sources, const double *const *of,
    double *const *to, int64_t size)
{
    group sum[AT_ONCE][MOST_QUANTITIES];
    UNROLLED
    for (int g = 0; g < groups; g++)
        UNROLLED
        for (int q = 0; q < quantities; q++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                sum[g][q][v] = (vec){0};
    for (int64_t j = 0; j < sources; j++) {
        vec source[MOST_QUANTITIES];
        UNROLLED
        for (int q = 0; q < quantities; q++)
            source[q] = splat(of[q][j]);
        UNROLLED
        for (int g = 0; g < groups; g++)
            UNROLLED
            for (int v = 0; v < VECTORS; v++) {
                const vec weight = load(weights + (g * sources + j) * LANES + v * WIDTH);
                UNROLLED
                for (int q = 0; q < quantities; q++)
                    sum[g][q][v] = fma(weight, source[q], sum[g][q][v]);
            }
    }
    for (int q = 0; q < quantities; q++)
        for (int g = 0; g < groups; g++) {
            double lanes[LANES];
            for (int v = 0; v < VECTORS; v++)
                store(lanes + v * WIDTH, sum[g][q][v]);
            for (int l = 0; l < LANES && g * LANES + l < size; l++)
                to[q][g * LANES + l] = lanes[l];
        }
}

/* The sums of all parts, each of which may be gone over from its last group to its first one: what was read last is still in
 * the cache when it begins there the next time. */
ALWAYS_INLINE void sum_parts(
    const int quantities, const rldbs_tissue *t, const double *const *of, double *const *to, const int last_first)
{
    const int fit = at_once(quantities);
    const int64_t part = part_of(t), parts = parts_of(t), groups = whole_lanes(part) / LANES, calls = (groups + fit - 1) / fit;
    for (int64_t call = 0; call < parts * calls; call++) {
        const int64_t c = last_first ? parts * calls - 1 - call : call, p = c / calls, g = c % calls * fit;
        const double *const weights = t->weights_in + (p * groups + g) * part * LANES, *sources[MOST_QUANTITIES];
        double *sums[MOST_QUANTITIES];
        for (int q = 0; q < quantities; q++)
            sources[q] = of[q] + p * part, sums[q] = to[q] + p * part + g * LANES;
        const int64_t size = part - g * LANES;
        if (g + fit <= groups)
            sum_groups(quantities, fit, weights, part, sources, sums, size);
        else
            for (int64_t k = 0; g + k < groups; k++) {
                sum_groups(quantities, 1, weights + k * part * LANES, part, sources, sums, size - k * LANES);
                for (int q = 0; q < quantities; q++)
                    sums[q] += LANES;
            }
    }
}

/* The sums over all sources (neurons), of each quantity. */
ALWAYS_INLINE void sum_folded(
    const int quantities, const rldbs_tissue *t, const double *const *sources, const folded_sums *const *into, const int last_first)
{
    const double *of[MOST_QUANTITIES];
    double *to[MOST_QUANTITIES];
    for (int q = 0; q < quantities; q++) {
        of[q] = sources[q];
        for (int64_t f = 0; f < t->folds; f++) {
            fold((int64_t)1 << f, t->axes + 3 * f, of[q], into[q]->room[f % 2]);
            of[q] = into[q]->room[f % 2];
        }
        to[q] = t->folds ? into[q]->room[t->folds % 2] : into[q]->sums;
    }
    sum_parts(quantities, t, of, to, last_first);
    for (int q = 0; q < quantities; q++)
        for (int64_t f = t->folds - 1; f >= 0; f--) {
            double *const whole = f ? into[q]->room[f % 2] : into[q]->sums;
            unfold((int64_t)1 << f, t->axes + 3 * f, to[q], whole);
            to[q] = whole;
        }
}

#endif
