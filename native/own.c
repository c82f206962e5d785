/* What a library with a model of the user's offers. Such libraries are compiled for `models.h` in which that is the only
 * model: of neurons alike, with ensemble.c and its kernels, or of neurons in tissue, with spatial_batch.c and its; or for
 * `cells.h` with the cells of a network, with networks.c and its. */
#include <stdint.h>

#include "rldbs.h"

#define EXPORTED extern __attribute__((visibility("default")))

#ifdef RLDBS_OF_CELLS
#include "vector.h"

typedef void start_function(const double *parameters, vec *state);
#include "cells.h"

#define VARIABLES(cell) cell##_variables,
#define STARTS(cell) cell##_start,
static const int variables[] = {RLDBS_CELLS(VARIABLES)};
static start_function *const starts[] = {RLDBS_CELLS(STARTS)};

static void start(int cell, int64_t count, const double *parameters, double *state)
{
    for (int64_t i = 0; i < count; i++) {
        vec rows[RLDBS_MOST_VARIABLES] = {splat(state[i])};
        starts[cell](parameters, rows);
        for (int j = 1; j < variables[cell]; j++)
            state[j * count + i] = rows[j][0];
    }
}

EXPORTED const rldbs_cells rldbs_own;
const rldbs_cells rldbs_own = {
    .size = rldbs_network_size,
    .scratch_size = rldbs_network_scratch_size,
    .advance = rldbs_network_advance,
    .start = start,
};
#else
EXPORTED const rldbs_neurons rldbs_own;

#ifdef RLDBS_IN_TISSUE
#include "models.h"

int rldbs_model_variables(int model)
{
    (void)model;
    return own_variables;
}

const rldbs_neurons rldbs_own = {
    .spatial_scratch_size = rldbs_spatial_scratch_size,
    .spatial_mixing = rldbs_spatial_mixing,
    .spatial_advance = rldbs_spatial_advance,
};
#else
const rldbs_neurons rldbs_own = {.scratch_size = rldbs_scratch_size, .advance = rldbs_advance};
#endif
#endif
