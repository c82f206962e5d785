/* What a kernel variant is given and what it offers to the batch loop. */
#ifndef RLDBS_KERNEL_H
#define RLDBS_KERNEL_H

#include <stdint.h>

enum { BLOCK = 1024 }; /* neurons whose sum is taken in one go; threads share a population by whole blocks */

/* One population. Shapes as in rldbs.h, without the populations axis. */
typedef struct {
    int64_t neurons, stride, steps;
    double dt, coupling;
    const double *parameters, *current, *kicks;
    double *state, *mean;
    int64_t step_stride, variable_stride; /* of mean */
    double *work; /* (variables, stride): the first slope, then the state at which the next stage is evaluated */
    double *sums; /* (2, blocks, variables + 1): sums over blocks, of this pass and the one before */
    int threads_share; /* whether several threads were each given this population, to advance it together */
    int writes_mean;   /* whether this is the one of them that writes the mean */
} population;

typedef void advance_function(const population *);

#define RLDBS_KERNELS(variant) rldbs_kernels_##variant
#define RLDBS_KERNELS_OF(variant) RLDBS_KERNELS(variant)

#endif
