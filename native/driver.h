/* What the parts of the driver share. */
#ifndef RLDBS_DRIVER_H
#define RLDBS_DRIVER_H

#include <stdint.h>

double *doubles(int64_t count);   /* memory, or the program ends */
double uniform(uint64_t *seed);   /* in [-1, 1): a generator of the driver's own, the same everywhere */

int check_networks(int *runs);    /* how many runs of cell networks have other bits than the first of their kind */
int write_network(int variant);   /* a run of a cell network to standard output; 0, or 2 where that fails */

#endif
