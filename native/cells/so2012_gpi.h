/* Cell of the internal segment of the globus pallidus of So, Kent, Grill (2012): the membrane of pallidal.h, and a synapse
 * of second order.
 *
 *   s' = z    z' = −.4 z − .04 s, and z rises by .3 e/5 at a spike
 *
 * State v, n, h, r, ca, s, z. Inputs: current, gaba, ampa. */
#include "pallidal.h"

enum { so2012_gpi_variables = 7, so2012_gpi_inputs = 3, so2012_gpi_parameters = 0, so2012_gpi_threshold = -10 };

ALWAYS_INLINE void so2012_gpi_rate(const vec *state, const vec *input, const double *parameters, double ahead, vec *rate)
{
    (void)parameters;
    const vec s = state[5], z = state[6];
    pallidal_rate(state, input, rate);
    rate[5] = z;
    rate[6] = -0.4 * z - 0.04 * (s + ahead * z);
}

ALWAYS_INLINE void so2012_gpi_spike(mask fired, const double *parameters, vec *state)
{
    (void)parameters;
    state[6] += chosen(fired, splat(0.3 / 5.0 * 2.7182818284590452), splat(0.0));
}
