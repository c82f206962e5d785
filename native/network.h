/* What the kernel of cell networks is given and what it offers to the batch loop. */
#ifndef RLDBS_NETWORK_H
#define RLDBS_NETWORK_H

#include <stdint.h>

#include "rldbs.h"

/* Some networks of the batch, which are advanced together: cell c of the k-th of them is element c · together + k of its
 * group's rows, so that even few cells fill the lanes. Shapes as in rldbs.h, from the first of these networks on. */
typedef struct {
    const rldbs_network *network;
    int64_t together, steps, every, all_cells, size, capacity;
    double *state;
    const double *applied, *currents;
    double *samples;
    int32_t *spikes;
    int64_t *counts;
    double *work; /* rldbs_network_scratch_size, of one thread */
} networks_together;

typedef void network_advance(const networks_together *);

#define RLDBS_NETWORK(variant) rldbs_network_##variant
#define RLDBS_NETWORK_OF(variant) RLDBS_NETWORK(variant)

#endif
