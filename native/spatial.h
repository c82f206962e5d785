/* What the kernel of neurons in tissue is given and what it offers to the batch loop. */
#ifndef RLDBS_SPATIAL_H
#define RLDBS_SPATIAL_H

#include <stdint.h>

#include "rldbs.h"

enum { PATCH = 256 }; /* neurons whose slopes stay in the first cache until all modes have summed them */

/* One population. Shapes as in rldbs.h, without the populations axis. */
typedef struct {
    const rldbs_spatial *tissue;
    int64_t steps;
    double coupling;
    const double *current, *conductance, *kicks;
    double *state, *mean;
    int64_t step_stride, column_stride; /* of mean */
    double *work; /* (variables, stride), (2, PATCH), (2 modes, LANES), (variables + sites, LANES) and 7 of whole modes */
} spatial_population;

/* What an instruction set has a compilation of its own of: one advance for each neuron model. */
typedef struct {
    void (*const *advance)(const spatial_population *);
    void (*mixing)(const rldbs_spatial *, double *mixing, double *work);
} spatial_functions;

#define RLDBS_SPATIAL(variant) rldbs_spatial_##variant
#define RLDBS_SPATIAL_OF(variant) RLDBS_SPATIAL(variant)

#endif
