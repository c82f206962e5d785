/* The four stages of a classical RK4 step, over the neurons of a block.
 *
 * With s the state, h the step, k1 … k4 the slopes and e1 … e4 what the coupling adds to the rate of x at each stage:
 *
 *   stage 1   k1 = rate(s)                  but for e1
 *   stage 2   k2 = rate(s + h/2 k1)
 *   stage 3   k3 = rate(s + h/2 k2)         but for e3
 *   stage 4   s + h/6 (k1 + 2 (k2 + k3)) + h/6 k4
 *
 * The coupling adds the same to every neuron, and to the rate of x only. So stages 1 and 3 do without it, and what comes
 * after them puts it in: then only two passes over the neurons have to wait for a mean field, not four. */
#ifndef RLDBS_STAGES_H
#define RLDBS_STAGES_H

#include "fused.h"
#include "kernel.h"

enum {
    MOST_VARIABLES = 8,
    MOST_PARAMETERS = 32,
    CHUNK = 128 /* neurons whose slopes stay in the first cache from stage 2 to stage 3 */
};

/* A pass over the neurons is a set of stages: stage 1, stages 2 and 3, stage 4 and stage 1 of the next step, or stage 4. */
enum { FIRST = 1, SECOND = 2, THIRD = 4, FOURTH = 8 };

/* With sixteen registers, stages 2 and 3 are faster one after the other over each chunk; with the thirty-two of AVX-512,
 * both at once for each neuron. */
enum { APART = RLDBS_VECTOR_BYTES < 64 };

/* What the stages need to know of the kick and of the mean field. */
typedef struct {
    double kick;     /* stage 1: added to x, before anything else */
    double first;    /* stage 2: e1 */
    double second;   /* stage 2: e2 */
    double third;    /* stage 4: e3 */
    double together; /* stage 4: e1 + 2 e3 + e4 */
} mean_field;

/* The derivative of a model, which its header gives. `input` is added to rate[0] and used nowhere else: the stages count
 * on it. */
typedef void rate_function(const vec *state, vec input, const double *parameters, vec *rate);

/* Sums over the neurons, lane by lane: of each state variable, before the kick, and last of the slope of x in stage 1. In the
 * pass of stages 2 and 3, of the slope of x in stage 3 first, and in stage 2 last. */
typedef vec lane_sums[MOST_VARIABLES + 1][VECTORS];

/* What was loaded is loaded again where it is needed: that costs less than a register for it. */
#define FORGET_LOADED __asm__ volatile("" ::: "memory")

ALWAYS_INLINE vec keep(vec value, mask lanes) { return (vec)((mask)value & lanes); }

/* One vector of neurons through the stages of a pass, or through one of its stages, k2 going from stage 2 to stage 3 in
 * `slopes`. Where it is partial, only `lanes` hold neurons: the others are padding, which stays 0 and counts for nothing
 * in a sum. */
ALWAYS_INLINE void stage_vector(
    rate_function *rate, const int variables, const int stages, const population *p, const mean_field *e, double *slopes,
    int64_t i, mask lanes, const int partial, lane_sums sum, int v)
{
    const int64_t stride = p->stride;
    double *const state = p->state + i, *const work = p->work + i;
    const double *const current = p->current + i;
    const double dt = p->dt, half = 0.5 * dt, sixth = dt / 6.0;
    vec s[MOST_VARIABLES], w[MOST_VARIABLES], k2[MOST_VARIABLES], k[MOST_VARIABLES];

    if (stages & SECOND) {
        for (int j = 0; j < variables; j++) {
            vec from = load(state + j * stride);
            if (j == 0)
                from += half * e->first;
            w[j] = fma(half, load(work + j * stride), from);
        }
        rate(w, load(current) + e->second, p->parameters, k2);
        sum[variables][v] += partial ? keep(k2[0], lanes) : k2[0];
        for (int j = 0; !(stages & THIRD) && j < variables; j++)
            store(slopes + j * CHUNK, k2[j]);
        FORGET_LOADED;
    }
    if (stages & THIRD) {
        for (int j = 0; j < variables; j++) {
            if (!(stages & SECOND))
                k2[j] = load(slopes + j * CHUNK);
            w[j] = fma(half, k2[j], load(state + j * stride));
        }
        rate(w, load(current), p->parameters, k);
        sum[0][v] += partial ? keep(k[0], lanes) : k[0];
        FORGET_LOADED;
        for (int j = 0; j < variables; j++) {
            const vec from = load(state + j * stride), slope = fma(2.0, k2[j] + k[j], load(work + j * stride));
            store(work + j * stride, fma(dt, k[j], from));
            store(state + j * stride, fma(sixth, slope, from));
        }
    }
    if (stages & FOURTH) {
        for (int j = 0; j < variables; j++)
            w[j] = load(work + j * stride);
        w[0] += dt * e->third;
        rate(w, load(current) + e->together, p->parameters, k);
        for (int j = 0; j < variables; j++) {
            s[j] = fma(sixth, k[j], load(state + j * stride));
            if (partial)
                s[j] = keep(s[j], lanes);
            store(state + j * stride, s[j]);
        }
    }
    if (stages == FIRST)
        for (int j = 0; j < variables; j++)
            s[j] = load(state + j * stride);
    if (stages & (FOURTH | FIRST))
        for (int j = 0; j < variables; j++)
            sum[j][v] += s[j];
    if (stages & FIRST) {
        s[0] += e->kick;
        if (partial)
            s[0] = keep(s[0], lanes);
        store(state, s[0]);
        rate(s, load(current), p->parameters, k);
        for (int j = 0; j < variables; j++)
            store(work + j * stride, k[j]);
        sum[variables][v] += partial ? keep(k[0], lanes) : k[0];
    }
}

/* The stages over neurons [begin, end), at most a chunk. */
ALWAYS_INLINE void stage_chunk(
    rate_function *rate, const int variables, const int count, const int stages, const population *shared,
    const mean_field *shared_field, double *slopes, int64_t begin, int64_t end, lane_sums shared_sum)
{
    /* Copies that no store can touch, so that the compiler keeps them in registers. */
    double parameters[MOST_PARAMETERS];
    for (int i = 0; i < count; i++)
        parameters[i] = shared->parameters[i];
    population p = *shared;
    p.parameters = parameters;
    const mean_field e = *shared_field;
    lane_sums sum;
    for (int j = 0; j < variables + 1; j++)
        for (int v = 0; v < VECTORS; v++)
            sum[j][v] = shared_sum[j][v];

    const int64_t whole = begin + (end - begin) / LANES * LANES;
    for (int64_t i = begin; i < whole; i += LANES, slopes += LANES) {
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            stage_vector(rate, variables, stages, &p, &e, slopes + v * WIDTH, i + v * WIDTH, (mask){0}, 0, sum, v);
    }
    if (whole < end) {
        int64_t lanes[LANES];
        for (int l = 0; l < LANES; l++)
            lanes[l] = whole + l < end ? -1 : 0;
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            stage_vector(rate, variables, stages, &p, &e, slopes + v * WIDTH, whole + v * WIDTH,
                         *(const mask *)(lanes + v * WIDTH), 1, sum, v);
    }
    for (int j = 0; j < variables + 1; j++)
        for (int v = 0; v < VECTORS; v++)
            shared_sum[j][v] = sum[j][v];
}

#endif
