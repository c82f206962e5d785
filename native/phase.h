/* What the kernel of phase oscillators is given and what it offers to the batch loop. */
#ifndef RLDBS_PHASE_H
#define RLDBS_PHASE_H

#include <stdint.h>

#include "rldbs.h"

/* One population. Shapes as in rldbs.h, without the populations axis. */
typedef struct {
    const rldbs_tissue *tissue;
    int64_t steps;
    double coupling;
    const double *frequency, *conductance, *stimulation;
    uint64_t seed, *clock;
    double *state, *mean;
    int64_t step_stride, column_stride; /* of mean */
    double *work; /* (5, stride), (LANES), (modes, 2) and (2 modes, LANES) */
} oscillators;

/* What an instruction set has a compilation of its own of. */
typedef struct {
    void (*advance)(const oscillators *);
    void (*curve)(int curve, int64_t count, const double *x, double *y);
} phase_functions;

#define RLDBS_PHASE(variant) rldbs_phase_##variant
#define RLDBS_PHASE_OF(variant) RLDBS_PHASE(variant)

#endif
