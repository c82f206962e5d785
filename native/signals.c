/* What a closed loop makes of its signals between two calls of the kernel: a few sums over each row. */
#include <math.h>
#include <stdint.h>

#include "rldbs.h"
#include "vector.h"

/* Sums have LANES lanes, and then one tree, as in the kernel: the same bits everywhere. */
typedef struct {
    double lane[LANES];
} lanes;

ALWAYS_INLINE double total(lanes sum)
{
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            sum.lane[i] += sum.lane[i + half];
    return sum.lane[0];
}

ALWAYS_INLINE double same(double value, double about) { return value - about; }
ALWAYS_INLINE double square(double value, double about) { return (value - about) * (value - about); }
ALWAYS_INLINE double size(double value, double about) { return fabs(value - about); }

ALWAYS_INLINE double strided_mean(
    double (*of)(double, double), const double *values, int64_t count, const int64_t stride, double about)
{
    lanes sum = {{0.0}};
    const int64_t whole = count / LANES * LANES;
    for (int64_t i = 0; i < whole; i += LANES)
        for (int l = 0; l < LANES; l++)
            sum.lane[l] += of(values[(i + l) * stride], about);
    for (int64_t i = whole; i < count; i++)
        sum.lane[i - whole] += of(values[i * stride], about);
    return total(sum) / (double)count;
}

/* The usual strides as constants, for which the compiler has better code. */
ALWAYS_INLINE double mean_of(double (*of)(double, double), const double *values, int64_t count, int64_t stride, double about)
{
    return stride == 1   ? strided_mean(of, values, count, 1, about)
           : stride == 2 ? strided_mean(of, values, count, 2, about)
                         : strided_mean(of, values, count, stride, about);
}

/* -cost - beta * |kick|, the latter of all contacts together, a mean over the steps. */
ALWAYS_INLINE double reward_of(double cost, const double *kicks, int64_t steps, int64_t contacts, double beta)
{
    return -cost - beta * ((double)contacts * mean_of(size, kicks, steps * contacts, 1, 0.0));
}

void rldbs_deviation_rewards(
    int64_t rows, int64_t memory, int64_t row_stride, int64_t stride, const double *past, int64_t window, int64_t steps,
    int64_t contacts, const double *kicks, double beta, double *rewards)
{
    for (int64_t r = 0; r < rows; r++) {
        const double *const end = past + r * row_stride + memory * stride;
        const double middle = mean_of(same, end - window * stride, window, stride, 0.0);
        const double cost = mean_of(square, end - steps * stride, steps, stride, middle);
        rewards[r] = reward_of(cost, kicks + r * steps * contacts, steps, contacts, beta);
    }
}

void rldbs_setpoint_rewards(
    int64_t rows, int64_t memory, int64_t row_stride, int64_t stride, const double *past, double target, double weight,
    int64_t steps, int64_t contacts, const double *kicks, double beta, double *rewards)
{
    for (int64_t r = 0; r < rows; r++) {
        const double *const end = past + r * row_stride + memory * stride;
        const double cost = weight * mean_of(square, end - steps * stride, steps, stride, target);
        rewards[r] = reward_of(cost, kicks + r * steps * contacts, steps, contacts, beta);
    }
}

void rldbs_rewards(int64_t rows, int64_t steps, int64_t contacts, const double *kicks, double beta, double *costs)
{
    for (int64_t r = 0; r < rows; r++)
        costs[r] = reward_of(costs[r], kicks + r * steps * contacts, steps, contacts, beta);
}

ALWAYS_INLINE void less(
    const double *values, int64_t count, const int64_t stride, double middle, float low, float high, float *observation)
{
    for (int64_t i = 0; i < count; i++) {
        const float value = (float)(values[i * stride] - middle), raised = low > value ? low : value;
        observation[i] = high < raised ? high : raised;
    }
}

void rldbs_observe(
    int64_t rows, int64_t channels, int64_t count, int64_t row_stride, int64_t channel_stride, int64_t stride,
    int centered, const double *signals, const float *low, const float *high, float *observations)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < channels; c++, observations += count) {
            const double *const values = signals + r * row_stride + c * channel_stride;
            const double middle = centered ? mean_of(same, values, count, stride, 0.0) : 0.0;
            if (stride == 1)
                less(values, count, 1, middle, low[c], high[c], observations);
            else if (stride == 2)
                less(values, count, 2, middle, low[c], high[c], observations);
            else
                less(values, count, stride, middle, low[c], high[c], observations);
        }
}

int rldbs_within(
    int64_t populations, int64_t steps, int64_t variables, int64_t population_stride, int64_t step_stride,
    int64_t variable_stride, const double *mean, double bound)
{
    int within = 1;
    for (int64_t v = 0; v < variables; v++)
        for (int64_t p = 0; p < populations; p++)
            for (int64_t s = 0; s < steps; s++)
                within &= fabs(mean[p * population_stride + s * step_stride + v * variable_stride]) < bound;
    return within;
}

void rldbs_spread(
    int64_t rows, int64_t count, int64_t row_stride, const double *x, const double *origin, double *restrict sum,
    double *restrict square)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < count; i++) {
            const double distance = x[r * row_stride + i] - origin[r * count + i];
            sum[r * count + i] += distance;
            square[r * count + i] += distance * distance;
        }
}

int64_t rldbs_clip(int64_t count, double *values)
{
    int64_t bad = -1;
    for (int64_t i = count - 1; i >= 0; i--) {
        if (!isfinite(values[i]))
            bad = i;
        values[i] = values[i] < -1.0 ? -1.0 : values[i] > 1.0 ? 1.0 : values[i];
    }
    return bad;
}
