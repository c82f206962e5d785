/* The batch loop of neurons in tissue: which kernel runs, and which thread runs which population. */
#include <stdint.h>

#include "spatial.h"
#include "vector.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#ifdef RLDBS_X86_64
extern const spatial_functions RLDBS_SPATIAL(v1), RLDBS_SPATIAL(v3), RLDBS_SPATIAL(v4);
static const spatial_functions *const variants[] = {&RLDBS_SPATIAL(v1), &RLDBS_SPATIAL(v3), &RLDBS_SPATIAL(v4)};
#else
extern const spatial_functions RLDBS_SPATIAL(generic);
static const spatial_functions *const variants[] = {&RLDBS_SPATIAL(generic)};
#endif

/* Whole groups of lanes, so that threads never write to one cache line. */
static int64_t scratch_of_one(const rldbs_spatial *t)
{
    const int64_t variables = rldbs_model_variables(t->model), padded = (t->modes + LANES - 1) / LANES * LANES;
    return variables * t->stride + 2 * PATCH + (2 * t->modes + variables + t->sites) * LANES + 7 * padded;
}

int64_t rldbs_spatial_scratch_size(const rldbs_spatial *tissue, int threads)
{
    return (threads < tissue->populations ? threads : tissue->populations) * scratch_of_one(tissue);
}

void rldbs_spatial_mixing(const rldbs_spatial *tissue, int variant, double *mixing, double *scratch)
{
    variants[variant]->mixing(tissue, mixing, scratch);
}

void rldbs_spatial_advance(
    const rldbs_spatial *tissue, int variant, int threads, int64_t steps, const double *kicks, double *mean,
    int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch)
{
    const int64_t populations = tissue->populations, stride = tissue->stride, size = scratch_of_one(tissue);
    const int64_t state = rldbs_model_variables(tissue->model) * stride;
    const int team = threads < populations ? threads : (int)populations;
    (void)team; /* without OpenMP */
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
    for (int64_t i = 0; i < populations; i++) {
        int thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        const spatial_population p = {
            .tissue = tissue,
            .steps = steps,
            .coupling = tissue->coupling[i],
            .current = tissue->current + i * stride,
            .conductance = tissue->conductance + i * tissue->conductance_stride,
            .kicks = kicks + i * steps * tissue->contacts,
            .state = tissue->state + i * state,
            .mean = mean + i * population_stride,
            .step_stride = step_stride,
            .column_stride = column_stride,
            .work = scratch + thread * size,
        };
        variants[variant]->advance[tissue->model](&p);
    }
}
