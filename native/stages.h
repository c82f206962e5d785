/* The four stages of a classical RK4 step, each over a chunk of neurons.
 *
 * With s the state, h the step, k1 … k4 the slopes and e1 … e4 what the coupling adds to the rate of x at each stage:
 *
 *   stage 1   k1 = rate(s)                  but for e1
 *   stage 2   k2 = rate(s + h/2 k1)
 *   stage 3   k3 = rate(s + h/2 k2)         but for e3
 *   stage 4   s + h (k1 + 2 k2 + 2 k3 + k4) / 6
 *
 * The coupling adds the same to every neuron, and to the rate of x only. So stages 1 and 3 do without it, and what comes
 * after them puts it in: then only two passes over the neurons have to wait for a mean field, not four. */
#ifndef RLDBS_STAGES_H
#define RLDBS_STAGES_H

#include "kernel.h"
#include "vector.h"

enum {
    MOST_VARIABLES = 8,
    MOST_PARAMETERS = 32,
    CHUNK = 256 /* neurons that stay in the first cache from one stage to the next */
};

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

/* Sums over the neurons so far, lane by lane: of each state variable, then of x at what the next stage is made of. */
typedef vec lane_sums[MOST_VARIABLES + 1][VECTORS];

#define UNROLLED _Pragma("GCC unroll 8")

ALWAYS_INLINE vec load(const double *from) { return *(const vec *)from; }
ALWAYS_INLINE void store(double *to, vec value) { *(vec *)to = value; }
ALWAYS_INLINE vec keep(vec value, mask lanes) { return (vec)((mask)value & lanes); }

/* Lanes first to last, pairwise: ((0+4)+(2+6)) + … whatever the width of a vector. */
ALWAYS_INLINE double sum_of_lanes(const vec *sum)
{
    double lane[LANES];
    for (int v = 0; v < VECTORS; v++)
        store(lane + v * WIDTH, sum[v]);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* One vector of neurons through one stage. Where it is partial, only `lanes` hold neurons: the others are padding, which
 * stays 0 and counts for nothing in a sum. Stage 1 sums the state before the kick where no stage 4 has just done so. */
ALWAYS_INLINE void stage_vector(
    rate_function *rate, const int variables, const int stage, const int sums_state, const population *p,
    const mean_field *e, double *slopes, int64_t i, mask lanes, const int partial, lane_sums sum, int v)
{
    const int64_t stride = p->stride;
    double *const state = p->state + i, *const work = p->work + i;
    const double dt = p->dt, half = 0.5 * dt, third = dt / 3.0, sixth = dt / 6.0;
    const vec current = load(p->current + i);
    vec s[MOST_VARIABLES], w[MOST_VARIABLES], k[MOST_VARIABLES];

    for (int j = 0; j < variables; j++) {
        s[j] = load(state + j * stride);
        if (stage > 1)
            w[j] = load(work + j * stride);
    }
    if (stage == 1) {
        if (sums_state)
            for (int j = 0; j < variables; j++)
                sum[j][v] += s[j];
        s[0] += e->kick;
        if (partial)
            s[0] = keep(s[0], lanes);
        store(state, s[0]);
        rate(s, current, p->parameters, k);
        for (int j = 0; j < variables; j++)
            store(work + j * stride, k[j]);
        sum[variables][v] += partial ? keep(k[0], lanes) : k[0];
    } else if (stage == 2) {
        vec first[MOST_VARIABLES], from = s[0] + half * e->first;
        for (int j = 0; j < variables; j++) {
            first[j] = half * w[j];
            w[j] = (j == 0 ? from : s[j]) + first[j];
        }
        rate(w, current + e->second, p->parameters, k);
        for (int j = 0; j < variables; j++) {
            w[j] = s[j] + half * k[j];
            store(work + j * stride, w[j]);
            store(slopes + j * CHUNK, first[j] + dt * k[j]);
        }
        sum[variables][v] += partial ? keep(w[0], lanes) : w[0];
    } else if (stage == 3) {
        rate(w, current, p->parameters, k);
        for (int j = 0; j < variables; j++) {
            w[j] = s[j] + dt * k[j];
            store(work + j * stride, w[j]);
            store(state + j * stride, s[j] + (load(slopes + j * CHUNK) * (1.0 / 3.0) + third * k[j]));
        }
        sum[0][v] += partial ? keep(w[0], lanes) : w[0];
    } else {
        w[0] += dt * e->third;
        rate(w, current + e->together, p->parameters, k);
        for (int j = 0; j < variables; j++) {
            s[j] += sixth * k[j];
            if (partial)
                s[j] = keep(s[j], lanes);
            store(state + j * stride, s[j]);
            sum[j][v] += s[j];
        }
    }
}

/* One stage over neurons [begin, end) of a chunk; slopes[variables][CHUNK], h (k1/2 + k2), goes from stage 2 to
 * stage 3. */
ALWAYS_INLINE void stage_chunk(
    rate_function *rate, const int variables, const int count, const int stage, const int sums_state,
    const population *shared, const mean_field *shared_field, double *slopes, int64_t begin, int64_t end,
    lane_sums shared_sum)
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
            stage_vector(rate, variables, stage, sums_state, &p, &e, slopes + v * WIDTH, i + v * WIDTH, (mask){0}, 0, sum,
                         v);
    }
    if (whole < end) {
        int64_t lanes[LANES];
        for (int l = 0; l < LANES; l++)
            lanes[l] = whole + l < end ? -1 : 0;
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            stage_vector(rate, variables, stage, sums_state, &p, &e, slopes + v * WIDTH, whole + v * WIDTH,
                         *(const mask *)(lanes + v * WIDTH), 1, sum, v);
    }
    for (int j = 0; j < variables + 1; j++)
        for (int v = 0; v < VECTORS; v++)
            shared_sum[j][v] = sum[j][v];
}

#endif
