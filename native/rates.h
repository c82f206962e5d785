/* What the kernel of rate models with delays is given and what it offers to the batch loop. */
#ifndef RLDBS_RATES_H
#define RLDBS_RATES_H

#include <stdint.h>

#include "rldbs.h"

enum { BLOCK = 256 }; /* integration steps after which the past is moved back to the front of the scratch memory */

/* LANES populations, of which `populations` are there. Shapes as in rldbs.h, from the first of them on. */
typedef struct {
    const rldbs_rates *model;
    int64_t populations, stride, steps;
    double *state;
    const double *current, *severity, *kicks;
    const uint64_t *seeds;
    uint64_t *clocks;
    double *mean;
    int64_t population_stride, step_stride, variable_stride; /* of mean */
    double *work; /* (2, memory + BLOCK, LANES) */
} some_rates;

typedef void rates_advance(const some_rates *);

#define RLDBS_RATES(variant) rldbs_rates_##variant
#define RLDBS_RATES_OF(variant) RLDBS_RATES(variant)

#endif
