/* What the kernel of phase oscillators is given and what it offers to the batch loop. */
#ifndef RLDBS_PHASE_H
#define RLDBS_PHASE_H

#include <stdint.h>

#include "rldbs.h"
#include "vector.h"

/* Sums that are taken over the oscillators patch by patch, of sines and of cosines each: none without V, as folded.h has it. */
static inline int64_t sums_of(const rldbs_tissue *t) { return t->weights_out ? t->modes : 0; }

/* Without modes: oscillators of a part, and of all parts together. */
static inline int64_t part_of(const rldbs_tissue *t)
{
    int64_t part = t->neurons;
    for (int64_t f = 0; f < t->folds; f++)
        part = part / t->axes[3 * f + 1] * ((t->axes[3 * f + 1] + 1) / 2);
    return part;
}
static inline int64_t parts_of(const rldbs_tissue *t) { return (int64_t)1 << t->folds; }
static inline int64_t whole_lanes(int64_t count) { return (count + LANES - 1) / LANES * LANES; }

/* Doubles of all parts of a quantity; there are most of them when all is folded, since a half is rounded up. */
static inline int64_t room_of(const rldbs_tissue *t) { return t->folds ? whole_lanes(parts_of(t) * part_of(t)) : 0; }

/* Doubles for the sums of a quantity over all oscillators without modes, and two rooms to fold it in. */
static inline int64_t folded_scratch_of(const rldbs_tissue *t) { return t->weights_out ? 0 : t->stride + 2 * room_of(t); }

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
