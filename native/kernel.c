/* The integration of one population, compiled once per instruction set (RLDBS_VARIANT, RLDBS_VECTOR_BYTES) and, within
 * it, once per neuron model.
 *
 * A step is two passes over the neurons: stages 2 and 3, then stage 4 and stage 1 of the next step. What the mean field
 * adds at a stage follows from the means of x and of its slope: at stage 2, say, the mean of x is that at the beginning
 * plus h/2 times the mean of k1. */
#include "kernel.h"
#include "stages.h"
#include "models.h"

/* One pass over one block; sums[variables + 1] receives the block's sums. */
ALWAYS_INLINE void pass_block(
    rate_function *rate, const int variables, const int count, const int stages, const population *p, const mean_field *e,
    int64_t block, double *sums)
{
    const int64_t begin = block * BLOCK, end = begin + BLOCK < p->neurons ? begin + BLOCK : p->neurons;
    double slopes[MOST_VARIABLES * CHUNK];
    lane_sums sum;
    for (int j = 0; j < variables + 1; j++)
        for (int v = 0; v < VECTORS; v++)
            sum[j][v] = (vec){0};
    for (int64_t i = begin; i < end; i += CHUNK) {
        const int64_t stop = i + CHUNK < end ? i + CHUNK : end;
        if (stages == (SECOND | THIRD) && APART) {
            stage_chunk(rate, variables, count, SECOND, p, e, slopes, i, stop, sum);
            stage_chunk(rate, variables, count, THIRD, p, e, slopes, i, stop, sum);
        } else {
            stage_chunk(rate, variables, count, stages, p, e, slopes, i, stop, sum);
        }
    }
    for (int j = 0; j < variables + 1; j++)
        sums[j] = sum_of_lanes((const double *)sum[j]);
}

static int64_t block_count(const population *p) { return (p->neurons + BLOCK - 1) / BLOCK; }

/* One pass; where threads share the population, each comes back when all of it is done. Returns where the blocks' sums
 * lie. */
ALWAYS_INLINE const double *pass_population(
    rate_function *rate, const int variables, const int count, const int stages, const population *p, const mean_field *e)
{
    const int64_t blocks = block_count(p), width = variables + 1;
    double *const sums = p->sums + (stages == (SECOND | THIRD)) * blocks * width;
    if (p->threads_share) {
#pragma omp for schedule(dynamic)
        for (int64_t b = 0; b < blocks; b++)
            pass_block(rate, variables, count, stages, p, e, b, sums + b * width);
    } else {
        for (int64_t b = 0; b < blocks; b++)
            pass_block(rate, variables, count, stages, p, e, b, sums + b * width);
    }
    return sums;
}

/* A mean from the sums over blocks, first block to last. */
ALWAYS_INLINE double mean_of(const population *p, const double *sums, const int variables, const int which)
{
    double total = 0.0;
    for (int64_t b = 0; b < block_count(p); b++)
        total += sums[b * (variables + 1) + which];
    return total / (double)p->neurons;
}

ALWAYS_INLINE void advance(rate_function *rate, const int variables, const int count, const population *p)
{
    if (p->steps == 0)
        return;
    const double coupling = p->coupling, dt = p->dt;
    mean_field e = {.kick = p->kicks[0]};
    const double *sums = pass_population(rate, variables, count, FIRST, p, &e);
    for (int64_t step = 0; step < p->steps; step++) {
        const double x = mean_of(p, sums, variables, 0) + p->kicks[step];
        e.first = coupling * x;
        e.second = coupling * (x + 0.5 * dt * (mean_of(p, sums, variables, variables) + e.first));
        sums = pass_population(rate, variables, count, SECOND | THIRD, p, &e);
        e.third = coupling * (x + 0.5 * dt * mean_of(p, sums, variables, variables));
        const double fourth = coupling * (x + dt * (mean_of(p, sums, variables, 0) + e.third));
        e.together = e.first + 2.0 * e.third + fourth;
        if (step + 1 < p->steps) {
            e.kick = p->kicks[step + 1];
            sums = pass_population(rate, variables, count, FOURTH | FIRST, p, &e);
        } else {
            sums = pass_population(rate, variables, count, FOURTH, p, &e);
        }
        for (int j = 0; p->writes_mean && j < variables; j++)
            p->mean[step * p->step_stride + j * p->variable_stride] = mean_of(p, sums, variables, j);
    }
}

#define DEFINE_ADVANCE(model) \
    _Static_assert((int)model##_variables <= MOST_VARIABLES && (int)model##_parameters <= MOST_PARAMETERS, "too large"); \
    static void advance_##model(const population *p) { advance(model##_rate, model##_variables, model##_parameters, p); }
RLDBS_MODELS(DEFINE_ADVANCE)

#define LIST_ADVANCE(model) advance_##model,
extern advance_function *const RLDBS_KERNELS_OF(RLDBS_VARIANT)[];
advance_function *const RLDBS_KERNELS_OF(RLDBS_VARIANT)[] = {RLDBS_MODELS(LIST_ADVANCE)};
