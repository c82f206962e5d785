/* The batch loop of rate models with delays: which kernel runs, and which thread runs which populations. */
#include <stdint.h>

#include "rates.h"
#include "vector.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#ifdef RLDBS_X86_64
extern rates_advance *const RLDBS_RATES(v1), *const RLDBS_RATES(v3), *const RLDBS_RATES(v4);
static rates_advance *const *const variants[] = {&RLDBS_RATES(v1), &RLDBS_RATES(v3), &RLDBS_RATES(v4)};
#else
extern rates_advance *const RLDBS_RATES(generic);
static rates_advance *const *const variants[] = {&RLDBS_RATES(generic)};
#endif

enum { STEPS_WORTH_WAKING = 4000 }; /* integration steps of all populations, below which waking threads costs more */

static int64_t scratch_of_one(const rldbs_rates *m) { return 2 * (m->memory + BLOCK) * LANES; }

static int team_of(int64_t populations, int threads)
{
    const int64_t groups = (populations + LANES - 1) / LANES;
    return threads < groups ? threads : (int)groups;
}

int64_t rldbs_rates_scratch_size(const rldbs_rates *model, int64_t populations, int threads)
{
    return team_of(populations, threads) * scratch_of_one(model);
}

const double *rldbs_rates_newest(const rldbs_rates *model, int64_t stride, const double *state)
{
    return state + (model->memory - 1) * stride;
}

void rldbs_rates_advance(
    const rldbs_rates *model, int variant, int threads, int64_t populations, int64_t stride, int64_t steps, double *state,
    const double *current, const double *severity, const double *kicks, const uint64_t *seeds, uint64_t *clocks,
    double *mean, int64_t population_stride, int64_t step_stride, int64_t variable_stride, double *scratch)
{
    const int64_t size = scratch_of_one(model);
    const int team = populations * steps * model->every < STEPS_WORTH_WAKING ? 1 : team_of(populations, threads);
    (void)team; /* without OpenMP */
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
    for (int64_t p = 0; p < populations; p += LANES) {
        int thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        const some_rates some = {
            .model = model,
            .populations = populations - p < LANES ? populations - p : LANES,
            .stride = stride,
            .steps = steps,
            .state = state + p,
            .current = current + p,
            .severity = severity + p,
            .kicks = kicks + p * steps,
            .seeds = seeds + p,
            .clocks = clocks + p,
            .mean = mean + p * population_stride,
            .population_stride = population_stride,
            .step_stride = step_stride,
            .variable_stride = variable_stride,
            .work = scratch + thread * size,
        };
        (*variants[variant])(&some);
    }
}
