/* Hindmarsh-Rose bursting neuron (Krylov, Dylov, Rosenblum, Chaos 30, 033126, 2020, eq. 2).
 * State x, y, z. Parameters: slow_rate, slow_gain, x_rest. */
enum { hr_variables = 3, hr_parameters = 3 };

ALWAYS_INLINE void hr_rate(const vec *state, vec input, const double *parameters, vec *rate)
{
    const vec x = state[0], y = state[1], z = state[2], x2 = x * x;
    rate[0] = y - z + input + x2 * (3.0 - x);
    rate[1] = 1.0 - y - 5.0 * x2;
    rate[2] = parameters[0] * (parameters[1] * (x - parameters[2]) - z);
}
