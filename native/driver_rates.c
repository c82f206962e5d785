/* The driver's rate models with delays, whose severity, noise and kicks differ from population to population. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rldbs.h"
#include "driver.h"

enum { RATES = 2 };

typedef struct {
    rldbs_rates model;
    int64_t populations, stride, steps, size;
    double *state, *current, *severity, *kicks, *mean;
    uint64_t *seeds, *clocks;
} rates_run;

static rates_run new_rates_run(int64_t populations, int64_t steps, int64_t every)
{
    const int64_t lanes = rldbs_lanes(), stride = (populations + lanes - 1) / lanes * lanes;
    uint64_t seed = 9;
    rates_run r = {
        .model = {
            .dt = 0.1, .every = every, .delay = {60, 45, 0}, .memory = 61, .tau = {6.0, 14.0}, .most = {300.0, 400.0},
            .rest = {17.0, 75.0}, .noise = {0.2, 0.1}, .healthy = {19.0, 1.12, 6.6, 65.34, 30.2},
            .diseased = {20.0, 10.7, 12.3, 248.4, 278.8}},
        .populations = populations, .stride = stride, .steps = steps, .size = RATES * 61 * stride};
    r.state = random_rows(1, r.size, r.size, 20.0, &seed);
    r.current = random_rows(1, populations, populations, 3.0, &seed);
    r.severity = random_rows(1, populations, populations, 1.0, &seed);
    r.kicks = random_rows(1, populations * steps, populations * steps, 40.0, &seed);
    r.mean = doubles(populations * steps * RATES);
    r.seeds = (uint64_t *)doubles(populations), r.clocks = (uint64_t *)doubles(populations);
    for (int64_t i = 0; i < r.size; i++)
        r.state[i] = fabs(r.state[i]);
    for (int64_t p = 0; p < populations; p++) {
        r.severity[p] = fabs(r.severity[p]);
        r.seeds[p] = 31 + (uint64_t)p;
        r.clocks[p] = 1000 * (uint64_t)p;
    }
    return r;
}

static void free_rates_run(rates_run *r)
{
    void *const all[] = {r->state, r->current, r->severity, r->kicks, r->mean, r->seeds, r->clocks};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* Steps [begin, begin + steps), from kicks of their own, since a call takes all that it is given. */
static void advance_rates(rates_run *r, int variant, int threads, int64_t begin, int64_t steps)
{
    const int64_t size = rldbs_rates_scratch_size(&r->model, r->populations, threads);
    double *const scratch = doubles(size), *const kicks = doubles(r->populations * steps);
    for (int64_t i = 0; i < size; i++)
        scratch[i] = NAN;
    for (int64_t p = 0; p < r->populations; p++)
        memcpy(kicks + p * steps, r->kicks + p * r->steps + begin, (size_t)steps * sizeof(double));
    rldbs_rates_advance(
        &r->model, variant, threads, r->populations, r->stride, steps, r->state, r->current, r->severity, kicks, r->seeds,
        r->clocks, r->mean + begin * RATES, r->steps * RATES, RATES, 1, scratch);
    free(scratch);
    free(kicks);
}

static int same(const rates_run *a, const rates_run *b)
{
    int equal = memcmp(a->clocks, b->clocks, (size_t)a->populations * sizeof(uint64_t)) == 0 &&
                memcmp(a->mean, b->mean, (size_t)(a->populations * a->steps * RATES) * sizeof(double)) == 0;
    for (int64_t row = 0; row < RATES * a->model.memory; row++) /* what lies beyond the populations is nobody's */
        equal &= memcmp(a->state + row * a->stride, b->state + row * b->stride, (size_t)a->populations * sizeof(double)) == 0;
    return equal;
}

int check_rates(int *runs)
{
    static const int64_t populations[] = {1, 7, 8, 21}, every[] = {1, 10};
    static const int team[] = {1, 2, 7};
    enum { STEPS = 90, HALF = 37 };
    int wrong = 0;
    for (size_t n = 0; n < sizeof populations / sizeof *populations; n++)
        for (size_t e = 0; e < sizeof every / sizeof *every; e++) {
            rates_run first = new_rates_run(populations[n], STEPS, every[e]);
            advance_rates(&first, 0, 1, 0, STEPS);
            for (int variant = 0; variant < rldbs_variant_count(); variant++)
                for (int t = 0; rldbs_variant_supported(variant) && t < 3; t++, ++*runs) {
                    rates_run r = new_rates_run(populations[n], STEPS, every[e]);
                    advance_rates(&r, variant, team[t], 0, HALF);
                    advance_rates(&r, variant, team[t], HALF, STEPS - HALF);
                    if (!same(&r, &first)) {
                        printf("%lld rate models, every %lld, %s, %d threads: other bits\n", (long long)populations[n],
                               (long long)every[e], rldbs_variant_name(variant), team[t]);
                        wrong++;
                    }
                    free_rates_run(&r);
                }
            free_rates_run(&first);
        }
    return wrong;
}

int write_rates(const char *variant_name)
{
    rates_run r = new_rates_run(5, 600, 10);
    advance_rates(&r, supported(variant_name), 1, 0, r.steps);
    for (int64_t row = 0; row < RATES * r.model.memory; row++)
        fwrite(r.state + row * r.stride, sizeof(double), (size_t)r.populations, stdout);
    fwrite(r.mean, sizeof(double), (size_t)(r.populations * r.steps * RATES), stdout);
    free_rates_run(&r);
    return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
