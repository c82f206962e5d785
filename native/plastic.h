/* What the kernel of plastic networks is given and what it offers to the batch loop. */
#ifndef RLDBS_PLASTIC_H
#define RLDBS_PLASTIC_H

#include <stdint.h>

#include "rldbs.h"

enum { HEARD = 4 }; /* numbers that a window has beside the sums of each neuron */

/* One network of the batch: its own connections, state, clock, and what is written of it. Shapes as in rldbs.h. */
typedef struct {
    const rldbs_plastic *network;
    const int64_t *outward[2], *inward;
    const int32_t *target[2], *source, *synapse;
    int64_t steps, capacity;
    uint64_t key, *clock;
    double *state;
    const double *applied, *currents;
    double *means, *spread, *weight, *told;
    int32_t *spikes;
    int64_t *count;
    double *work; /* rldbs_plastic_scratch_size, of one thread */
} one_plastic;

typedef void plastic_advance(const one_plastic *);

#define RLDBS_PLASTIC(variant) rldbs_plastic_##variant
#define RLDBS_PLASTIC_OF(variant) RLDBS_PLASTIC(variant)

#endif
