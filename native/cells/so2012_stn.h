/* Cell of the subthalamic nucleus of So, Kent, Grill, J. Comput. Neurosci. 32, 499 (2012), with the constants of the
 * program that was published with it (ModelDB 141699). mV, ms, µA/cm².
 *
 *   v' = current − I_leak − I_Na − I_K − I_T − I_Ca − I_AHP − gaba (v + 85)
 *   x' = φ (x∞ − x)/τ for the gates n, h, r, c    ca' = 3.75e-5 (−I_Ca − I_T − 22.5 ca)
 *   s' = z    z' = −.4 z − .04 s, and z rises by .43 e/5 at a spike
 *
 * State v, n, h, r, c, ca, s, z. Inputs: current, gaba. */
enum { so2012_stn_variables = 8, so2012_stn_inputs = 2, so2012_stn_parameters = 0, so2012_stn_threshold = -10 };

ALWAYS_INLINE void so2012_stn_rate(const vec *state, const vec *input, const double *parameters, double ahead, vec *rate)
{
    (void)parameters;
    const vec v = state[0], n = state[1], h = state[2], r = state[3], c = state[4], ca = state[5];
    const vec s = state[6], z = state[7];
    vec m, a;
    open_both(odds(v, -30.0, 15.0), odds(v, -63.0, 7.8), &m, &a);
    const vec b = open(odds(r, 0.4, 0.1)) - 0.017986209962091559; /* σ(−4) */
    const vec against_n = odds(v, -32.0, 8.0), against_c = 4.4816890703380645 * against_n; /* c: −20, exp(12/8) */
    const vec slow = odds(v, -80.0, -26.0);
    const vec leak = 2.25 * (v + 60.0), sodium = 37.0 * cube(m) * h * (v - 55.0);
    const vec potassium = 45.0 * square(square(n)) * (v + 80.0), low = 0.5 * cube(a) * square(b) * (v - 140.0);
    const vec calcium = 2.0 * square(c) * (v - 140.0), after = 20.0 * (v + 80.0) * ca / (ca + 15.0);
    rate[0] = input[0] - leak - sodium - potassium - low - calcium - after - input[1] * (v + 85.0);
    rate[1] = relaxing(n, 0.75, against_n, 1.0, 100.0, slow);
    rate[2] = relaxing(h, 0.75, odds(v, -39.0, -3.1), 1.0, 500.0, odds(v, -57.0, -3.0));
    rate[3] = relaxing(r, 0.2, odds(v, -67.0, -2.0), 7.1, 17.5, odds(v, 68.0, -2.2));
    rate[4] = relaxing(c, 0.08, against_c, 1.0, 10.0, slow);
    rate[5] = 3.75e-5 * (-calcium - low - 22.5 * ca);
    rate[6] = z;
    rate[7] = -0.4 * z - 0.04 * (s + ahead * z);
}

ALWAYS_INLINE void so2012_stn_spike(mask fired, const double *parameters, vec *state)
{
    (void)parameters;
    state[7] += chosen(fired, splat(0.43 / 5.0 * 2.7182818284590452), splat(0.0));
}
