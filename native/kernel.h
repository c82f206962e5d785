/* What a kernel variant is given and what it offers to the batch loop. */
#ifndef RLDBS_KERNEL_H
#define RLDBS_KERNEL_H

#include <stdint.h>

enum { BLOCK = 1024 }; /* neurons whose sum is taken in one go; threads share a population by whole blocks */

/* One population, as one of `team` threads sees it. Shapes as in rldbs.h, without the populations axis. */
typedef struct {
    int64_t neurons, stride, steps;
    double dt, coupling;
    const double *parameters, *current, *kicks;
    double *state, *mean;
    double *work; /* (2, variables, stride): the state at which a stage is evaluated, and the slopes so far */
    double *sums; /* (2, blocks, variables): sums over blocks, of this stage and the one before */
    int thread, team;
} population;

typedef void advance_function(const population *);

#define RLDBS_KERNELS(variant) rldbs_kernels_##variant
#define RLDBS_KERNELS_OF(variant) RLDBS_KERNELS(variant)

#endif
