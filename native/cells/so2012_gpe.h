/* Cell of the external segment of the globus pallidus of So, Kent, Grill (2012): the membrane of pallidal.h, and a synapse
 * whose conductance follows v.
 *
 *   s' = 2 (1 − s) σ((v + 37)/2) − .04 s
 *
 * State v, n, h, r, ca, s. Inputs: current, gaba, ampa. */
#include "pallidal.h"

enum { so2012_gpe_variables = 6, so2012_gpe_inputs = 3, so2012_gpe_parameters = 0, so2012_gpe_threshold = -10 };

ALWAYS_INLINE void so2012_gpe_rate(const vec *state, const vec *input, const double *parameters, double ahead, vec *rate)
{
    (void)parameters, (void)ahead;
    const vec s = state[5], steep = pallidal_rate(state, input, rate);
    rate[5] = 2.0 * (1.0 - s) * open(22026.465794806718 * steep) - 0.04 * s; /* exp(20/2) */
}

ALWAYS_INLINE void so2012_gpe_spike(mask fired, const double *parameters, vec *state)
{
    (void)fired, (void)parameters, (void)state;
}
