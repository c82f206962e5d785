/* The RK4 skeleton, compiled once per instruction set (RLDBS_VARIANT, RLDBS_VECTOR_BYTES) and, within it, once per
 * neuron model. A step is four passes over the neurons, because each stage needs the mean field of the one before.
 *
 * Two arrays of work are enough: stage 1 keeps its slope, from which stage 2 makes the state it is evaluated at, and
 * stage 3 writes the sum so far into the state itself, where stage 4 completes it. */
#include "kernel.h"
#include "vector.h"
#include "models.h"

typedef void rate_function(const vec *state, vec input, const double *parameters, vec *rate);

enum { MOST_VARIABLES = 8, MOST_PARAMETERS = 32 };

#define UNROLLED _Pragma("GCC unroll 8")

ALWAYS_INLINE vec load(const double *from) { return *(const vec *)from; }
ALWAYS_INLINE void store(double *to, vec value) { *(vec *)to = value; }
ALWAYS_INLINE vec keep(vec value, mask lanes) { return (vec)((mask)value & lanes); }

/* Lanes first to last, pairwise: ((0+8)+(4+12)) ... whatever the width of a vector. */
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

/* One vector of neurons through one RK4 stage; what the stage's mean is taken of is added to sum. */
ALWAYS_INLINE void stage_vector(
    rate_function *rate, const int variables, const int stage, const population *p, double drive, double kick, int64_t i,
    mask lanes, const int partial, vec (*sum)[VECTORS], int v)
{
    const int64_t stride = p->stride;
    double *const state = p->state + i, *const work = p->work + i, *const slope = p->work + variables * stride + i;
    const double half = 0.5 * p->dt, sixth = p->dt / 6.0;
    vec s[MOST_VARIABLES], w[MOST_VARIABLES], k[MOST_VARIABLES];

    for (int j = 0; j < variables; j++) {
        s[j] = load(state + j * stride);
        if (stage == 0)
            w[j] = s[j];
        else if (stage == 1)
            w[j] = s[j] + half * load(slope + j * stride);
        else
            w[j] = load(work + j * stride);
    }
    if (stage == 0) {
        w[0] = s[0] = s[0] + kick;
        store(state, s[0]);
    }
    rate(w, load(p->current + i) + drive, p->parameters, k);
    for (int j = 0; j < variables; j++) {
        vec next;
        if (stage == 0) {
            next = s[j] + half * k[j];
            store(slope + j * stride, k[j]);
        } else if (stage == 1) {
            next = s[j] + half * k[j];
            store(work + j * stride, next);
            store(slope + j * stride, load(slope + j * stride) + 2.0 * k[j]);
        } else if (stage == 2) {
            next = s[j] + p->dt * k[j];
            store(work + j * stride, next);
            store(state + j * stride, s[j] + sixth * (load(slope + j * stride) + 2.0 * k[j]));
        } else {
            next = s[j] + sixth * k[j];
        }
        if (partial)
            next = keep(next, lanes); /* the padding is 0 again, and counts for nothing in a sum */
        if (stage == 3)
            store(state + j * stride, next);
        if (stage == 3 || j == 0)
            sum[j][v] += next;
    }
}

/* One stage over neurons [begin, end) of the block; sums[variables] receives the block's sums. */
ALWAYS_INLINE void stage_block(
    rate_function *rate, const int variables, const int count, const int stage, const population *shared, double drive,
    double kick, int64_t begin, int64_t end, double *sums)
{
    /* Copies that no store can touch, so that the compiler keeps them in registers. */
    double parameters[MOST_PARAMETERS];
    for (int i = 0; i < count; i++)
        parameters[i] = shared->parameters[i];
    population own = *shared;
    own.parameters = parameters;
    const population *const p = &own;

    const int summed = stage == 3 ? variables : 1;
    vec sum[MOST_VARIABLES][VECTORS];
    for (int j = 0; j < summed; j++)
        for (int v = 0; v < VECTORS; v++)
            sum[j][v] = (vec){0};

    const int64_t whole = begin + (end - begin) / LANES * LANES;
    for (int64_t i = begin; i < whole; i += LANES) {
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            stage_vector(rate, variables, stage, p, drive, kick, i + v * WIDTH, (mask){0}, 0, sum, v);
    }
    if (whole < end) {
        int64_t lanes[LANES];
        for (int l = 0; l < LANES; l++)
            lanes[l] = whole + l < end ? -1 : 0;
        UNROLLED
        for (int v = 0; v < VECTORS; v++)
            stage_vector(rate, variables, stage, p, drive, kick, whole + v * WIDTH, *(const mask *)(lanes + v * WIDTH), 1,
                         sum, v);
    }
    for (int j = 0; j < summed; j++)
        sums[j] = sum_of_lanes(sum[j]);
}

static void wait_for_team(const population *p)
{
    if (p->team > 1) {
#pragma omp barrier
    }
}

static int64_t block_count(const population *p) { return (p->neurons + BLOCK - 1) / BLOCK; }

/* The mean of one variable from the sums over blocks, first block to last. */
ALWAYS_INLINE double mean_of(const population *p, const double *sums, const int variables, int variable)
{
    double total = 0.0;
    for (int64_t b = 0; b < block_count(p); b++)
        total += sums[b * variables + variable];
    return total / (double)p->neurons;
}

/* One stage over this thread's blocks. Returns the mean of x that the next stage sees; *sums is where the sums lie. */
ALWAYS_INLINE double stage_population(
    rate_function *rate, const int variables, const int parameters, const int stage, const population *p, double x_mean,
    double kick, double **sums)
{
    const int64_t blocks = block_count(p);
    *sums = p->sums + (stage & 1) * blocks * variables;
    for (int64_t b = blocks * p->thread / p->team; b < blocks * (p->thread + 1) / p->team; b++) {
        const int64_t begin = b * BLOCK, end = begin + BLOCK < p->neurons ? begin + BLOCK : p->neurons;
        stage_block(rate, variables, parameters, stage, p, p->coupling * x_mean, kick, begin, end, *sums + b * variables);
    }
    wait_for_team(p);
    return mean_of(p, *sums, variables, 0);
}

/* The mean of x now, summed exactly as the last stage sums it: a call that goes on where another stopped gives the
 * bits of one long call. */
ALWAYS_INLINE double x_mean_of_state(const population *p, const int variables)
{
    const int64_t blocks = block_count(p);
    double *const sums = p->sums + blocks * variables;
    for (int64_t b = blocks * p->thread / p->team; b < blocks * (p->thread + 1) / p->team; b++) {
        const int64_t begin = b * BLOCK, end = begin + BLOCK < p->neurons ? begin + BLOCK : p->stride;
        vec sum[VECTORS];
        for (int v = 0; v < VECTORS; v++)
            sum[v] = (vec){0};
        for (int64_t i = begin; i < end; i += LANES)
            UNROLLED
            for (int v = 0; v < VECTORS; v++)
                sum[v] += load(p->state + i + v * WIDTH);
        sums[b * variables] = sum_of_lanes(sum);
    }
    wait_for_team(p);
    return mean_of(p, sums, variables, 0);
}

ALWAYS_INLINE void advance(rate_function *rate, const int variables, const int parameters, const population *p)
{
    double x_mean = x_mean_of_state(p, variables);
    for (int64_t step = 0; step < p->steps; step++) {
        const double kick = p->kicks[step];
        double *sums;
        x_mean = stage_population(rate, variables, parameters, 0, p, x_mean + kick, kick, &sums);
        x_mean = stage_population(rate, variables, parameters, 1, p, x_mean, 0.0, &sums);
        x_mean = stage_population(rate, variables, parameters, 2, p, x_mean, 0.0, &sums);
        x_mean = stage_population(rate, variables, parameters, 3, p, x_mean, 0.0, &sums);
        if (p->thread == 0)
            for (int j = 0; j < variables; j++)
                p->mean[step * variables + j] = j == 0 ? x_mean : mean_of(p, sums, variables, j);
    }
    wait_for_team(p); /* the team's next population writes its first sums where these are still being read */
}

#define DEFINE_ADVANCE(model) \
    static void advance_##model(const population *p) { advance(model##_rate, model##_variables, model##_parameters, p); }
RLDBS_MODELS(DEFINE_ADVANCE)

#define LIST_ADVANCE(model) advance_##model,
extern advance_function *const RLDBS_KERNELS_OF(RLDBS_VARIANT)[];
advance_function *const RLDBS_KERNELS_OF(RLDBS_VARIANT)[] = {RLDBS_MODELS(LIST_ADVANCE)};
