/* The batch loop of phase oscillators: which kernel runs, and which thread runs which population. */
#include <stdint.h>

#include "phase.h"

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
static int64_t scratch_of(const rldbs_tissue *t, int together)
{
    const int64_t sums = 2 * together * sums_of(t);
    return together * (5 * t->stride + LANES + 2 * folded_scratch_of(t)) + sums * LANES + whole_lanes(sums);
}

enum { FEWEST_MODES = 8 }; /* with fewer of them, reading their weights is little of what there is to do */

/* How many are advanced at once: several only where every thread has enough of them. */
static int together_of(const rldbs_tissue *t, int64_t populations, int threads)
{
    const int64_t for_each = threads > 1 ? 2 * MOST_TOGETHER * (int64_t)threads : MOST_TOGETHER;
    return t->modes >= FEWEST_MODES && populations >= for_each ? MOST_TOGETHER : 1;
}

int64_t rldbs_phase_scratch_size(const rldbs_tissue *tissue, int64_t populations, int threads)
{
    return (threads < populations ? threads : populations) * scratch_of(tissue, together_of(tissue, populations, threads));
}

void rldbs_phase_advance(
    const rldbs_tissue *tissue, int variant, int threads, int64_t populations, int64_t steps, double *state,
    const double *frequency, const double *coupling, const double *stimulation, const uint64_t *seeds, uint64_t *clocks,
    double *mean, int64_t population_stride, int64_t step_stride, int64_t column_stride, double *scratch)
{
    const int64_t stride = tissue->stride;
    const int together = together_of(tissue, populations, threads), team = threads < populations ? threads : (int)populations;
    const int64_t size = scratch_of(tissue, together);
    (void)team; /* without OpenMP */
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
    for (int64_t first = 0; first < populations; first += together) {
        const int64_t count = populations - first < together ? populations - first : together;
        oscillators o[MOST_TOGETHER];
        int thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        for (int64_t k = 0, i = first; k < count; k++, i++)
            o[k] = (oscillators){
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
        if (count == MOST_TOGETHER)
            variants[variant]->advance_together(o);
        else
            for (int64_t k = 0; k < count; k++)
                variants[variant]->advance(o + k);
    }
}
