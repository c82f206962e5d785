/* Thalamic cell of So, Kent, Grill, J. Comput. Neurosci. 32, 499 (2012), with the constants of the program that was
 * published with it (ModelDB 141699). mV, ms, µA/cm².
 *
 *   v' = current − I_leak − I_Na − I_K − I_T − gaba (v + 85)
 *   h' = (h∞ − h)/τ_h    r' = (r∞ − r)/τ_r
 *
 * State v, h, r. Inputs: current, gaba. */
enum { so2012_th_variables = 3, so2012_th_inputs = 2, so2012_th_parameters = 0, so2012_th_threshold = -40 };

ALWAYS_INLINE void so2012_th_rate(const vec *state, const vec *input, const double *parameters, double ahead, vec *rate)
{
    (void)parameters, (void)ahead;
    const vec v = state[0], h = state[1], r = state[2];
    vec m, p;
    open_both(odds(v, -37.0, 7.0), odds(v, -60.0, 6.2), &m, &p);
    const vec against_r = odds(v, -84.0, -4.0), against_h = 2.1445408316589164e-5 * against_r; /* h: −41, exp(−43/4) */
    const vec quick = 1.0 + odds(v, -23.0, 5.0), slow = odds(v, -46.0, 18.0); /* 1/τ_h = .128 slow + 4/quick */
    const vec leak = 0.05 * (v + 70.0), sodium = 3.0 * cube(m) * h * (v - 50.0);
    const vec potassium = 5.0 * square(square(0.75 * (1.0 - h))) * (v + 75.0), calcium = 5.0 * square(p) * r * v;
    rate[0] = input[0] - leak - sodium - potassium - calcium - input[1] * (v + 85.0);
    rate[1] = fma(-h, 1.0 + against_h, 1.0) * fma(0.128 * slow, quick, 4.0) / ((1.0 + against_h) * quick);
    rate[2] = fma(-r, 1.0 + against_r, 1.0) / ((1.0 + against_r) * (0.15 * (28.0 + odds(v, -25.0, 10.5))));
}

ALWAYS_INLINE void so2012_th_spike(mask fired, const double *parameters, vec *state)
{
    (void)fired, (void)parameters, (void)state;
}
