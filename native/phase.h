/* What the kernel of phase oscillators is given and what it offers to the batch loop. */
#ifndef RLDBS_PHASE_H
#define RLDBS_PHASE_H

#include <stdint.h>

#include "rldbs.h"
#include "vector.h"

/* Oscillators of the first half, where they are mirrored, and as whole lanes. */
static inline int64_t half_of(const rldbs_tissue *t) { return (t->neurons + 1) / 2; }
static inline int64_t half_stride_of(const rldbs_tissue *t) { return (half_of(t) + LANES - 1) / LANES * LANES; }

/* Sums that are taken over the oscillators, of sines and of cosines each. */
static inline int64_t sums_of(const rldbs_tissue *t) { return t->mirrored ? 2 * half_of(t) : t->modes; }

/* One population. Shapes as in rldbs.h, without the populations axis. */
typedef struct {
    const rldbs_tissue *tissue;
    int64_t steps;
    double coupling;
    const double *frequency, *conductance, *stimulation;
    uint64_t seed, *clock;
    double *state, *mean;
    int64_t step_stride, column_stride; /* of mean */
    double *work; /* rldbs_phase_scratch_size says how much; of several together, that of the first is for all */
} oscillators;

enum { MOST_TOGETHER = 2 }; /* populations that are advanced together, so that each weight is read once for all */

/* What an instruction set has a compilation of its own of. */
typedef struct {
    void (*advance)(const oscillators *);
    void (*advance_together)(const oscillators *); /* of MOST_TOGETHER populations of one tissue */
    void (*curve)(int curve, int64_t count, const double *x, double *y);
} phase_functions;

#define RLDBS_PHASE(variant) rldbs_phase_##variant
#define RLDBS_PHASE_OF(variant) RLDBS_PHASE(variant)

#endif
