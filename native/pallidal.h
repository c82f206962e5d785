/* The membrane that both segments of the globus pallidus have in So, Kent, Grill, J. Comput. Neurosci. 32, 499 (2012),
 * with the constants of the program that was published with it (ModelDB 141699). mV, ms, µA/cm².
 *
 *   v' = current − I_leak − I_Na − I_K − I_T − I_Ca − I_AHP − gaba (v + 85) − ampa v
 *   x' = φ (x∞ − x)/τ for the gates n, h, r    ca' = 1e-4 (−I_Ca − I_T − 15 ca)
 *
 * State v, n, h, r, ca. Inputs: current, gaba, ampa. Returns exp(−(v + 57)/2). */
#ifndef RLDBS_PALLIDAL_H
#define RLDBS_PALLIDAL_H

#include "gates.h"

ALWAYS_INLINE vec pallidal_rate(const vec *state, const vec *input, vec *rate)
{
    const vec v = state[0], n = state[1], h = state[2], r = state[3], ca = state[4];
    const vec steep = odds(v, -57.0, 2.0), slow = odds(v, -40.0, -12.0);
    vec a, s;
    open_both(steep, 59874.141715197818 * steep, &a, &s); /* s: −35, exp(22/2) */
    const vec m = open(odds(v, -37.0, 10.0)), closed_r = 0.0015034391929775724 * steep; /* r: −70, exp(−13/2) */
    const vec leak = 0.1 * (v + 65.0), sodium = 120.0 * cube(m) * h * (v - 55.0);
    const vec potassium = 30.0 * square(square(n)) * (v + 80.0), low = 0.5 * cube(a) * r * (v - 120.0);
    const vec calcium = 0.15 * square(s) * (v - 120.0), after = 10.0 * (v + 80.0) * ca / (ca + 10.0);
    rate[0] = input[0] - leak - sodium - potassium - low - calcium - after - input[1] * (v + 85.0) - input[2] * v;
    rate[1] = relaxing(n, 0.1, odds(v, -50.0, 14.0), 0.05, 0.27, slow);
    rate[2] = relaxing(h, 0.05, 4.4816890703380645 * slow, 0.05, 0.27, slow); /* h: −58, exp(18/12) */
    rate[3] = (closed_r / (1.0 + closed_r) - r) / 30.0;
    rate[4] = 1e-4 * (-calcium - low - 15.0 * ca);
    return steep;
}

#endif
