/* The batch loop of phase oscillators: which kernel runs, and which thread runs which population. */
#include <stdint.h>

#include "phase.h"
#include "vector.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#ifdef RLDBS_X86_64
extern const phase_functions RLDBS_PHASE(v1), RLDBS_PHASE(v3), RLDBS_PHASE(v4);
static const phase_functions *const variants[] = {&RLDBS_PHASE(v1), &RLDBS_PHASE(v3), &RLDBS_PHASE(v4)};
#else
extern const phase_functions RLDBS_PHASE(generic);
static const phase_functions *const variants[] = {&RLDBS_PHASE(generic)};
#endif

void rldbs_curve(int curve, int variant, int64_t count, const double *x, double *y)
{
    variants[variant]->curve(curve, count, x, y);
}

/* Whole groups of lanes, so that threads never write to one cache line. */
static int64_t scratch_of_one(const rldbs_tissue *t)
{
    return 5 * t->stride + LANES + (2 * t->modes + LANES - 1) / LANES * LANES + 2 * t->modes * LANES;
}

int64_t rldbs_phase_scratch_size(const rldbs_tissue *tissue, int64_t populations, int threads)
{
    return (threads < populations ? threads : populations) * scratch_of_one(tissue);
}

void rldbs_phase_advance(
    const rldbs_tissue *tissue, int variant, int threads, int64_t populations, int64_t steps, double *state,
    const double *frequency, const double *coupling, const double *stimulation, const uint64_t *seeds, uint64_t *clocks,
    double *mean, int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch)
{
    const int64_t stride = tissue->stride, size = scratch_of_one(tissue);
    const int team = threads < populations ? threads : (int)populations;
    (void)team; /* without OpenMP */
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
    for (int64_t i = 0; i < populations; i++) {
        int thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        const oscillators o = {
            .tissue = tissue,
            .steps = steps,
            .coupling = coupling[i],
            .frequency = frequency + i * stride,
            .conductance = tissue->conductance + i * tissue->conductance_stride,
            .stimulation = stimulation + i * steps * tissue->contacts,
            .seed = seeds[i],
            .clock = clocks + i,
            .state = state + i * RLDBS_PHASE_ROWS * stride,
            .mean = mean + i * population_stride,
            .step_stride = step_stride,
            .column_stride = column_stride,
            .work = scratch + thread * size,
        };
        variants[variant]->advance(&o);
    }
}
