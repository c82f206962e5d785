/* What a library with a model of the user's offers. Two such libraries are compiled for `models.h` in which that is the only
 * model: of neurons alike, with ensemble.c and its kernels, and of neurons in tissue, with spatial_batch.c and its. */
#include <stdint.h>

#include "rldbs.h"

extern __attribute__((visibility("default"))) const rldbs_neurons rldbs_own;

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
