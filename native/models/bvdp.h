/* Bonhoeffer-van der Pol oscillator (Krylov, Dylov, Rosenblum, Chaos 30, 033126, 2020, eq. 1).
 *
 *   dx/dt = x - x³/3 - y + input                        computed as  x (1 - x²/3) + (input - y)
 *   dy/dt = rate (x - recovery y + offset)                           rate x + (rate offset - rate recovery y)
 *
 * State x, y. Parameters: rate, recovery, offset. */
enum { bvdp_variables = 2, bvdp_parameters = 3 };

ALWAYS_INLINE void bvdp_rate(const vec *state, vec input, const double *parameters, vec *rate)
{
    const vec x = state[0], y = state[1];
    const double r = parameters[0], recovery = parameters[1], offset = parameters[2];
    rate[0] = fma(x, fma(x * x, -1.0 / 3.0, 1.0), input - y);
    rate[1] = fma(r, x, fma(-r * recovery, y, r * offset));
}
