/* Bonhoeffer-van der Pol oscillator (Krylov, Dylov, Rosenblum, Chaos 30, 033126, 2020, eq. 1).
 * State x, y. Parameters: rate, recovery, offset. */
enum { bvdp_variables = 2, bvdp_parameters = 3 };

ALWAYS_INLINE void bvdp_rate(const vec *state, vec input, const double *parameters, vec *rate)
{
    const vec x = state[0], y = state[1];
    rate[0] = x - y + input - x * x * (x * (1.0 / 3.0));
    rate[1] = parameters[0] * (x - parameters[1] * y + parameters[2]);
}
