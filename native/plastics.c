/* The batch loop of plastic networks: which kernel runs, on which network, in which thread. */
#include <stdint.h>

#include "plastic.h"
#include "vector.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#ifdef RLDBS_X86_64
extern plastic_advance *const RLDBS_PLASTIC(v1), *const RLDBS_PLASTIC(v3), *const RLDBS_PLASTIC(v4);
static plastic_advance *const *const variants[] = {&RLDBS_PLASTIC(v1), &RLDBS_PLASTIC(v3), &RLDBS_PLASTIC(v4)};
#else
extern plastic_advance *const RLDBS_PLASTIC(generic);
static plastic_advance *const *const variants[] = {&RLDBS_PLASTIC(generic)};
#endif

static int64_t both_strides(const rldbs_plastic *n) { return n->group[0].stride + n->group[1].stride; }

int64_t rldbs_plastic_size(const rldbs_plastic *n)
{
    return (5 + n->delay) * both_strides(n) + n->capacity[0] + (n->window ? 2 * both_strides(n) + HEARD : 0) + n->kept;
}

/* Inputs, traces that rise, spikes. */
static int64_t scratch_of_one(const rldbs_plastic *n) { return 3 * both_strides(n); }

static int team_of(int64_t networks, int threads) { return threads < networks ? threads : (int)networks; }

int64_t rldbs_plastic_scratch_size(const rldbs_plastic *n, int64_t networks, int threads)
{
    return team_of(networks, threads) * scratch_of_one(n);
}

void rldbs_plastic_advance(
    const rldbs_plastic *n, int variant, int threads, int64_t networks, int64_t steps, const int64_t *outward[2],
    const int32_t *target[2], const int64_t *inward, const int32_t *source, const int32_t *synapse, const uint64_t *keys,
    uint64_t *clocks, double *state, const double *applied, const double *currents, double *means, double *spread,
    double *weight, double *told, int32_t *spikes, int64_t capacity, int64_t *counts, double *scratch)
{
    const int team = team_of(networks, threads);
    const int64_t size = rldbs_plastic_size(n), all = both_strides(n);
    const int64_t excitatory = n->group[0].neurons + 1, inhibitory = n->group[1].neurons + 1;
    (void)team; /* without OpenMP */
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
    for (int64_t k = 0; k < networks; k++) {
        int thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        const one_plastic one = {
            .network = n,
            .outward = {outward[0] + k * excitatory, outward[1] + k * inhibitory},
            .target = {target[0] + k * n->capacity[0], target[1] + k * n->capacity[1]},
            .inward = inward + k * inhibitory,
            .source = source + k * n->capacity[0],
            .synapse = synapse + k * n->capacity[0],
            .steps = steps,
            .capacity = capacity,
            .key = keys[k],
            .clock = clocks + k,
            .state = state + k * size,
            .applied = applied + k * all,
            .currents = currents + k * steps * n->contacts,
            .means = means + k * steps * 2,
            .spread = n->window ? 0 : spread + k * 2 * all,
            .weight = weight + k,
            .told = n->window ? told + k * steps * 2 : 0,
            .spikes = spikes + 2 * k * capacity,
            .count = counts + k,
            .work = scratch + thread * scratch_of_one(n),
        };
        (*variants[variant])(&one);
    }
}
