/* The batch loop of cell networks: which kernel runs, which networks are advanced together, and in which thread. */
#include <stdint.h>

#include "network.h"
#include "vector.h"
#include "cells.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#ifdef RLDBS_X86_64
extern network_advance *const RLDBS_NETWORK(v1), *const RLDBS_NETWORK(v3), *const RLDBS_NETWORK(v4);
static network_advance *const *const variants[] = {&RLDBS_NETWORK(v1), &RLDBS_NETWORK(v3), &RLDBS_NETWORK(v4)};
#else
extern network_advance *const RLDBS_NETWORK(generic);
static network_advance *const *const variants[] = {&RLDBS_NETWORK(generic)};
#endif

#define NAME(cell) #cell,
#define VARIABLES(cell) cell##_variables,
#define INPUTS(cell) cell##_inputs,
static const char *const cell_names[] = {RLDBS_CELLS(NAME)};
static const int cell_variables[] = {RLDBS_CELLS(VARIABLES)};
static const int cell_inputs[] = {RLDBS_CELLS(INPUTS)};

int rldbs_cell_count(void) { return (int)(sizeof cell_names / sizeof *cell_names); }
const char *rldbs_cell_name(int cell) { return cell_names[cell]; }
int rldbs_cell_variables(int cell) { return cell_variables[cell]; }
int rldbs_cell_inputs(int cell) { return cell_inputs[cell]; }

int64_t rldbs_network_size(const rldbs_network *network)
{
    int64_t size = 0;
    for (int i = 0; i < network->groups; i++)
        size += (int64_t)cell_variables[network->cell[i]] * network->cells[i];
    return size;
}

/* As many as threads leave to each, and at most as many as there are lanes: so many of any size fill whole vectors. */
static int64_t most_together(int64_t networks, int team)
{
    const int64_t each = (networks + team - 1) / team;
    return each < LANES ? each : LANES;
}

static int team_of(int64_t networks, int threads) { return threads < networks ? threads : (int)networks; }

/* Whole groups of lanes, so that threads never write to one cache line. */
static int64_t scratch_of_one(const rldbs_network *network, int64_t together)
{
    int64_t size = 0;
    for (int i = 0; i < network->groups; i++) {
        const int64_t stride = (network->cells[i] * together + LANES - 1) / LANES * LANES;
        size += stride * (3 * cell_variables[network->cell[i]] + cell_inputs[network->cell[i]] + 1);
    }
    for (int p = 0; p < network->projections; p++) {
        const int64_t stride = (network->cells[network->to[p]] * together + LANES - 1) / LANES * LANES;
        size += network->sources[p] * stride / 2;
    }
    return (size + LANES - 1) / LANES * LANES;
}

int64_t rldbs_network_scratch_size(const rldbs_network *network, int64_t networks, int threads)
{
    const int team = team_of(networks, threads);
    return team * scratch_of_one(network, most_together(networks, team));
}

void rldbs_network_advance(
    const rldbs_network *network, int variant, int threads, int64_t networks, int64_t steps, int64_t every, double *state,
    const double *applied, const double *currents, double *samples, int32_t *spikes, int64_t capacity, int64_t *counts,
    double *scratch)
{
    const int team = team_of(networks, threads);
    const int64_t most = most_together(networks, team), blocks = (networks + most - 1) / most;
    const int64_t size = rldbs_network_size(network), scratch_size = scratch_of_one(network, most);
    int64_t all_cells = 0;
    for (int i = 0; i < network->groups; i++)
        all_cells += network->cells[i];
    (void)team; /* without OpenMP */
#pragma omp parallel for num_threads(team) schedule(dynamic) if (team > 1)
    for (int64_t block = 0; block < blocks; block++) {
        int thread = 0;
#ifdef _OPENMP
        thread = omp_get_thread_num();
#endif
        /* from and to where a block goes: all are of one size, or one less */
        const int64_t first = networks * block / blocks, end = networks * (block + 1) / blocks;
        const networks_together together = {
            .network = network,
            .together = end - first,
            .steps = steps,
            .every = every,
            .all_cells = all_cells,
            .size = size,
            .capacity = capacity,
            .state = state + first * size,
            .applied = applied + first * all_cells,
            .currents = currents + first * steps * network->contacts,
            .samples = samples + first * (steps / every) * network->channels,
            .spikes = spikes + 2 * first * capacity,
            .counts = counts + first,
            .work = scratch + thread * scratch_size,
        };
        (*variants[variant])(&together);
    }
}
