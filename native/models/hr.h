/* Hindmarsh-Rose bursting neuron (Krylov, Dylov, Rosenblum, Chaos 30, 033126, 2020, eq. 2).
 *
 *   dx/dt = y - x³ + 3 x² - z + input                   computed as  x² (3 - x) + (y - z + input)
 *   dy/dt = 1 - 5 x² - y                                             -5 x² + (1 - y)
 *   dz/dt = slow_rate (slow_gain (x - x_rest) - z)                   g x - (slow_rate z + g x_rest), g = slow_rate slow_gain
 *
 * State x, y, z. Parameters: slow_rate, slow_gain, x_rest. */
enum { hr_variables = 3, hr_parameters = 3 };

ALWAYS_INLINE void hr_rate(const vec *state, vec input, const double *parameters, vec *rate)
{
    const vec x = state[0], y = state[1], z = state[2], x2 = x * x;
    const double slow = parameters[0], gain = slow * parameters[1], rest = parameters[2];
    rate[0] = fma(x2, 3.0 - x, y - z + input);
    rate[1] = fma(-5.0, x2, 1.0 - y);
    rate[2] = fma(gain, x, fma(-slow, z, -gain * rest));
}
