/* What the parts of the driver share. */
#ifndef RLDBS_DRIVER_H
#define RLDBS_DRIVER_H

#include <stdint.h>

/* Memory for so many doubles, or the end. */
double *doubles(int64_t count);

/* Uniform in [-1, 1): a generator of the driver's own, the same everywhere. */
double uniform(uint64_t *seed);

/* Rows of numbers up to a bound, 0 in the padding. */
double *random_rows(int64_t rows, int64_t neurons, int64_t stride, double bound, uint64_t *seed);

/* The number of a variant that this processor runs, or the end. */
int supported(const char *variant_name);

/* Neurons in tissue in every model, size, coupling, variant and number of threads, whole and split: what has other bits. */
int check_spatial(int *runs);

/* State and mean of a run of neurons in tissue that is the same everywhere, to standard output. */
int write_spatial(const char *variant_name);

/* Networks of cells in every variant, size and number of threads: how many runs have other bits than the first. */
int check_networks(int *runs);

/* States, samples and spikes of a run of networks of cells that is the same everywhere, to standard output. */
int write_network(const char *variant_name);

/* The same of networks with plastic synapses. */
int check_plastics(int *runs);
int write_plastic(const char *variant_name);

/* The same of rate models with delays, in one call and in two. */
int check_rates(int *runs);
int write_rates(const char *variant_name);

#endif
